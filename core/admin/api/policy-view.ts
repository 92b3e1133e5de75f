import type { LoadedVersion, PolicyState } from "../../../policies/reload/policy-state.ts";
import { showPath } from "../../../policies/shown-path.ts";
import type { QuarantineEntry } from "../../../sandbox/contract/faults.ts";
import type { HookName, Side } from "../../../sandbox/contract/hooks.ts";
import type { HookStats, PolicyTotals } from "../../../sandbox/contract/stats.ts";
import { timeOfDay } from "../../../sandbox/machine-clock.ts";
import type { GatewayEvent } from "../../events.ts";
import type { RedactionRules } from "../../redaction/rules.ts";
import { isolationOf, type PolicyGroups } from "../../routes/isolation.ts";
import type { RoutePlan } from "../../routes/route-runtime.ts";
import type { PolicyHookView, PolicySourceView, PolicyView } from "./api-schema.ts";

export type LastFault = NonNullable<PolicyView["lastFault"]>;

/** The last fault of each policy, as the events tell it; redacted, for errors quote what they failed on. */
export function createLastFaults(
  rules: Pick<RedactionRules, "redactText">,
  now: () => number = Date.now,
): {
  observe(event: GatewayEvent): void;
  of(policy: string): LastFault | undefined;
} {
  const faults = new Map<string, LastFault>();
  return {
    observe(event) {
      if (event.type !== "policy-fault") return;
      const { policy, hook, reason } = event.fault;
      const message = rules.redactText(event.fault.message);
      const stack = rules.redactText(event.fault.stack);
      faults.set(policy, { hook, reason, message, stack, session: event.session, time: now() });
    },
    of: (policy) => faults.get(policy),
  };
}

export interface PolicyFacts {
  readonly routes: readonly RoutePlan[];
  readonly stats: readonly PolicyTotals[];
  readonly groups: PolicyGroups;
  readonly quarantine: readonly QuarantineEntry[];
  lastFault(policy: string): LastFault | undefined;
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
    lastFault: facts.lastFault(name) ?? null,
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

function stateOf({ current, problem, deleted }: PolicyState, isUsed: boolean): PolicyView["state"] {
  if (current === undefined) return "failed";
  if (deleted) return "gone";
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
