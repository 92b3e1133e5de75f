import type { Bundle } from "../../policies/bundle/bundle.ts";
import { bundleSource } from "../../policies/bundle/bundler.ts";
import { findPolicies, type PolicySource } from "../../policies/folder.ts";
import { findOwnPolicies } from "../../policies/own-packs.ts";
import { requireDeclared } from "../../policies/pack/pack-bundle.ts";
import { createPackFolder } from "../../policies/pack/pack-folder.ts";
import { hasNoEffect } from "../../policies/reload/policy-state.ts";
import { checkOptions } from "../../policies/use-options.ts";
import type { PolicyExports, Sandbox } from "../../sandbox/contract.ts";
import { createSandbox, type Grants } from "../../sandbox/index.ts";
import type { GatewayConfig } from "../config/index.ts";
import type { RecordedEvent } from "../recording/format.ts";
import { addPackGrants } from "../routes/pack-grants.ts";
import { planRoutes, usedPolicies } from "../routes/planner.ts";
import { wordProblem } from "../routes/problems.ts";
import type { RoutePlan } from "../routes/route-runtime.ts";
import { createReplayBroker } from "./recorded-answers.ts";
import { ReplayClock } from "./replay-clock.ts";

/** Policies of one folder, loaded in a sandbox whose time and answers are those of a recording. */
export interface PolicySet {
  readonly sandbox: Sandbox;
  readonly clock: ReplayClock;
  readonly routes: readonly RoutePlan[];
  readonly bundles: ReadonlyMap<string, Bundle>;
  /** What is wrong with the routes, as `framegate check` says it. */
  readonly problems: readonly string[];
  close(): Promise<void>;
}

export interface PolicySetOptions {
  /** Its `policiesDir` is the folder. */
  readonly config: GatewayConfig;
  /** Policies are granted what the config grants; else everything, for there is nobody who could have granted it. */
  readonly heedsGrants: boolean;
  readonly events: readonly RecordedEvent[];
}

/** A replay is not about how quick this machine is. */
const SLOW_HOOK_MS = 2000;
const SILENCE_MS = 10_000;

/** Rejects with what the gateway would log of a policy that cannot be loaded. */
export async function openPolicySet({ config, heedsGrants, events }: PolicySetOptions): Promise<PolicySet> {
  const clock = new ReplayClock(events[0]?.time ?? 0);
  const bundles = new Map<string, Bundle>();
  let grants: Grants | undefined;
  const broker = createReplayBroker(events, () => grants, clock.now);
  const { limits, host } = config.sandbox;
  const sandbox = await createSandbox({
    limits: {
      ...limits,
      messageTimeoutMs: Math.max(limits.messageTimeoutMs, SLOW_HOOK_MS),
      upgradeTimeoutMs: Math.max(limits.upgradeTimeoutMs, SLOW_HOOK_MS),
      loadTimeoutMs: Math.max(limits.loadTimeoutMs, SILENCE_MS),
    },
    host: { ...host, silenceMs: SILENCE_MS },
    warmSpare: false,
    testClock: clock,
    broker,
    onEvent: () => {},
  });

  async function load(source: PolicySource): Promise<LoadedSource> {
    const bundle = await bundleSource(source);
    const prepared = await sandbox.prepare(bundle);
    requireDeclared(bundle, prepared.exports);
    prepared.commit();
    bundles.set(source.name, bundle);
    const { name, file } = source;
    return { name, file, current: { exports: prepared.exports } };
  }

  try {
    const own = await findPolicies(config.policiesDir, { mustExist: true });
    const packed = await createPackFolder(config.policiesDir, config.packs).find();
    const first = await loadAll([...own, ...packed.sources], load);
    const second = await loadAll(await findOwnPolicies(usedPolicies(config, first)), load);
    const loaded = [...first, ...second];
    const active = loaded.filter(({ current }) => !hasNoEffect(current.exports));
    const { routes, problems } = planRoutes(config, active, checkOptions);
    if (heedsGrants) {
      const agreed = [...bundles].flatMap(([name, { packed: pack }]) => (pack ? [[name, pack.grants]] : []));
      grants = addPackGrants(config.capabilities.grants, Object.fromEntries(agreed)).grants;
    }
    const words = problems.flatMap((problem) => wordProblem(problem).inFiles);
    return {
      sandbox,
      clock,
      routes,
      bundles,
      problems: [
        ...packed.problems.map(({ message }) => message),
        ...words.map(({ place, message }) => (place === "" ? message : `${place}: ${message}`)),
      ],
      close: () => sandbox.close(),
    };
  } catch (error) {
    await sandbox.close();
    throw error;
  }
}

interface LoadedSource {
  readonly name: string;
  readonly file: string;
  readonly current: { readonly exports: PolicyExports };
}

/** One after the other: which of several is told of first, when they fail, is the same each time. */
async function loadAll(
  sources: readonly PolicySource[],
  load: (source: PolicySource) => Promise<LoadedSource>,
): Promise<LoadedSource[]> {
  const loaded: LoadedSource[] = [];
  for (const source of sources) loaded.push(await load(source));
  return loaded;
}
