import type { GatewayConfig } from "../../core/config/index.ts";
import type { PackedBundle } from "../../policies/bundle/bundle.ts";
import { bundleSource } from "../../policies/bundle/bundler.ts";
import type { PolicySource } from "../../policies/folder.ts";
import { requireDeclared } from "../../policies/pack/pack-bundle.ts";
import { showPath } from "../../policies/shown-path.ts";
import type { PolicyExports, Sandbox } from "../../sandbox/contract.ts";
import { createSandbox } from "../../sandbox/index.ts";
import type { MessageFilter } from "../../sandbox/policy-api.ts";
import type { Problem } from "../problem.ts";

export interface LoadedPolicy {
  readonly name: string;
  readonly file: string;
  readonly exports: PolicyExports;
  /** Of its bundle. */
  readonly code: string;
  /** Of a policy that comes from a pack. */
  readonly packed?: PackedBundle;
}

export interface LoadedPolicies {
  readonly policies: readonly LoadedPolicy[];
  readonly problems: readonly Problem[];
}

/** Bundles each policy and loads it into a sandbox of its own making, as a running gateway would. */
export async function loadPolicies(
  sources: readonly PolicySource[],
  { limits, host }: Pick<GatewayConfig["sandbox"], "limits" | "host">,
): Promise<LoadedPolicies> {
  if (sources.length === 0) return { policies: [], problems: [] };
  const sandbox = await createSandbox({ limits, host, warmSpare: false, onEvent: () => {} });
  try {
    const results = await Promise.all(sources.map((source) => loadPolicy(sandbox, source)));
    return {
      policies: results.filter((result) => "exports" in result),
      problems: results.filter((result) => "message" in result),
    };
  } finally {
    await sandbox.close();
  }
}

/** Which messages hooks are for, whether they read them, and how often they are called: a line for each that says so. */
export function wordFilters(policies: readonly LoadedPolicy[]): string[] {
  return policies.flatMap(({ name, exports: { when = {} } }) => {
    const { tick, ...filters } = when;
    const messages = Object.entries(filters).map(
      ([hook, filter]) => `${name}: \`${hook}\` is for ${wordFilter(filter)}`,
    );
    return tick === undefined
      ? messages
      : [...messages, `${name}: \`tick\` is called every ${tick.every} ms, for each open connection`];
  });
}

function wordFilter({ body, ...filter }: MessageFilter): string {
  const reads = body === false ? ", and is not given their bodies" : "";
  if (Object.keys(filter).length === 0) return `all messages${reads}`;
  return `messages with ${JSON.stringify(filter)}${reads}; others pass it by`;
}

async function loadPolicy(sandbox: Sandbox, source: PolicySource): Promise<LoadedPolicy | Problem> {
  try {
    const bundle = await bundleSource(source);
    const prepared = await sandbox.prepare(bundle);
    prepared.discard();
    requireDeclared(bundle, prepared.exports);
    const { name, file } = source;
    const { packed, code } = bundle;
    return { name, file, exports: prepared.exports, code, ...(packed && { packed }) };
  } catch (error) {
    const { message, frame = "", places = [] } = error as Error & Partial<Pick<Problem, "frame" | "places">>;
    return { place: message.includes(showPath(source.file)) ? "" : source.file, message, frame, places };
  }
}
