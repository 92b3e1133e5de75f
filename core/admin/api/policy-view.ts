import type { LoadedVersion, PolicyState } from "../../../policies/reload/policy-state.ts";
import { showPath } from "../../../policies/shown-path.ts";
import type { QuarantineEntry } from "../../../sandbox/contract/faults.ts";
import type { HookName, Side } from "../../../sandbox/contract/hooks.ts";
import type { HookStats, PolicyTotals } from "../../../sandbox/contract/stats.ts";
import { timeOfDay } from "../../../sandbox/machine-clock.ts";
import { isolationOf, type PolicyGroups } from "../../routes/isolation.ts";
import type { RoutePlan } from "../../routes/route-runtime.ts";
import type { PolicyHookView, PolicySourceView, PolicyView } from "./api-schema.ts";
import type { LastFaults } from "./last-faults.ts";

export interface PolicyFacts {
  readonly routes: readonly RoutePlan[];
  readonly stats: readonly PolicyTotals[];
  readonly groups: PolicyGroups;
  readonly quarantine: readonly QuarantineEntry[];
  readonly lastFaults: Pick<LastFaults, "of" | "recent">;
}

export function describePolicy(state: PolicyState, facts: PolicyFacts): PolicyView {
  const { name, file, current, problem, versions, isPinned } = state;
  const routes = facts.routes
    .filter(({ chain }) => chain.some(({ policy }) => policy === name))
    .map(({ config }) => config.name);
  const stats = facts.stats.find(({ policy }) => policy === name);
  const apart = facts.quarantine.find(
    ({ policy, version }) => policy === name && version === current?.bundle.version,
  );
  return {
    name,
    file: showPath(file),
    version: current?.bundle.version ?? "",
    state: stateOf(state, routes.length > 0),
    breaker: stats?.breaker ?? "closed",
    isolation: isolationOf(facts.groups.find(([policy]) => policy === name)?.[1]),
    quarantine: apart === undefined ? null : { reason: apart.reason, until: timeOfDay(apart.until) },
    problem:
      problem === undefined ? null : { message: problem.message, frame: problem.frame, time: problem.at },
    lastFault: facts.lastFaults.of(name) ?? null,
    recentFaults: current === undefined ? 0 : facts.lastFaults.recent(name, current.bundle.version),
    routes,
    hooks: (current?.exports.hooks ?? []).map((hook) => ({
      ...describeCalls(hook, stats?.hooks),
      when: isMessageHook(hook) ? (current?.exports.when?.[hook] ?? null) : null,
      everyMs: hook === "tick" ? (current?.exports.when?.tick?.every ?? null) : null,
    })),
    memoryBytes: stats?.heapBytes ?? 0,
    versions: versions.map(({ bundle: { version }, loadedAt }) => ({
      version,
      loadedAt,
      isCurrent: version === current?.bundle.version,
      isPinned: isPinned && version === current?.bundle.version,
    })),
  };
}

function stateOf({ current, problem, deleted, isPinned }: PolicyState, isUsed: boolean): PolicyView["state"] {
  if (current === undefined) return "failed";
  if (deleted) return "gone";
  if (isPinned) return "rolled-back";
  if (problem !== undefined) return "stale";
  return isUsed ? "running" : "unused";
}

function isMessageHook(hook: HookName): hook is Side {
  return hook === "client" || hook === "server";
}

function describeCalls(
  hook: HookName,
  stats: readonly HookStats[] = [],
): Omit<PolicyHookView, "when" | "everyMs"> {
  const found = stats.find((each) => each.hook === hook);
  if (found === undefined) return { hook, ...UNCALLED };
  const { timeUs, held, ...counts } = found;
  return { ...counts, meanUs: found.calls === 0 ? 0 : timeUs / found.calls };
}

const UNCALLED = {
  calls: 0,
  unchanged: 0,
  replaced: 0,
  dropped: 0,
  replied: 0,
  appended: 0,
  closed: 0,
  rejected: 0,
  faults: 0,
  skipped: 0,
  meanUs: 0,
};

/** The author's files, as they were when this version was made; the policy's own first. */
export function policySourceOf({ bundle }: LoadedVersion): PolicySourceView {
  const { sources, sourcesContent } = JSON.parse(bundle.sourceMap) as {
    readonly sources: readonly string[];
    readonly sourcesContent: readonly (string | null)[];
  };
  const files = sources
    .map((file, index) => ({ file, path: showPath(file), content: sourcesContent[index] ?? "" }))
    .filter(({ file }) => bundle.inputs.includes(file))
    .sort((a, b) => Number(b.file === bundle.file) - Number(a.file === bundle.file));
  return { version: bundle.version, files: files.map(({ path, content }) => ({ path, content })) };
}
