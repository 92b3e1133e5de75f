import { grantsOfPacks, type PolicySnapshot } from "../../../policies/reload/policy-state.ts";
import { createReloader } from "../../../policies/reload/reloader.ts";
import type { GatewayConfig } from "../../config/index.ts";
import { addPackGrants, wordGrantProblem } from "../../routes/pack-grants.ts";
import { planRoutes, usedPolicies } from "../../routes/planner.ts";
import { wordProblem } from "../../routes/problems.ts";
import { SourceError } from "../../source/errors.ts";
import { type AskSchema, OptionChecks } from "../option-checks.ts";
import type { VersionProbe } from "../probes/probe.ts";

export interface CheckVersionOptions {
  readonly config: GatewayConfig;
  readonly probe: VersionProbe;
  readonly askSchema: AskSchema;
}

/** More are not named: who mends these sees the others. */
const MOST_NAMED = 5;

/**
 * A version is taken whole or not at all: rejects with a SourceError when one of its policies cannot be loaded, or a route
 * of the gateway would have trouble with it.
 *
 * @param dir its policies
 */
export async function checkVersion(
  dir: string,
  { config, probe, askSchema }: CheckVersionOptions,
): Promise<void> {
  const snapshot = await loadAll(dir, { config, probe });
  const { hostFault } = probe;
  // No fault of the version's.
  if (hostFault !== undefined)
    throw new SourceError("ERR_SOURCE_PROBE", hostFault.message, { cause: hostFault });
  const problems = [
    ...findLoadProblems(snapshot, dir),
    ...(await findRouteProblems(snapshot, config, askSchema)),
  ];
  if (problems.length === 0) return;
  const more = problems.length > MOST_NAMED ? `; and ${problems.length - MOST_NAMED} more` : "";
  throw new SourceError("ERR_SOURCE_CHECK", problems.slice(0, MOST_NAMED).join("; ") + more);
}

async function loadAll(
  dir: string,
  { config, probe }: Pick<CheckVersionOptions, "config" | "probe">,
): Promise<PolicySnapshot> {
  const reloader = createReloader({
    ...{ dir, packs: config.packs },
    watch: false,
    usedBy: (policies) => usedPolicies(config, policies),
    onBuilds: probe.expect,
    probe: probe.exportsOf,
    onSnapshot: async () => {},
    onResult: () => {},
  });
  try {
    return await reloader.start();
  } finally {
    await reloader.close();
  }
}

function findLoadProblems({ policies, problem }: PolicySnapshot, dir: string): string[] {
  const own = policies.filter(({ file }) => file.startsWith(dir));
  // All routes with all policies would let everything pass.
  const none = own.length === 0 ? ["it has no policy where `policies` of the config says that they are"] : [];
  const problems = [problem, ...policies.map((policy) => policy.problem)];
  return [...none, ...problems.flatMap((found) => (found ? [found.message] : []))];
}

async function findRouteProblems(
  snapshot: PolicySnapshot,
  config: GatewayConfig,
  askSchema: AskSchema,
): Promise<string[]> {
  const { problems } = await new OptionChecks(askSchema).settle((check) =>
    planRoutes(config, snapshot.policies, check, undefined),
  );
  const grants = addPackGrants(config.capabilities.grants, grantsOfPacks(snapshot));
  return [...problems.map(wordProblem), ...grants.problems.map(wordGrantProblem)].map(({ inLog }) => inLog);
}
