import type { LeaseRun } from "./leases.ts";
import type { RedisRun } from "./redis.ts";
import type { Storm, StormOptions } from "./storms.ts";

export function renderLeases(runs: readonly LeaseRun[]): string {
  const phases = Object.keys(runs[0]?.used ?? {});
  return [
    `| machines | beyond limit and burst, at most (bound) | Redis asked, each machine a second | ${phases.map((name) => `${name}`).join(" | ")} |`,
    `| --- | --- | --- | ${phases.map(() => "---").join(" | ")} |`,
    ...runs.map(
      ({ nodes, most, bound, asked, seconds, converged, used }) =>
        `| ${nodes.toLocaleString("en")} | ${most.toFixed(0)} (${bound}) | ${(asked / nodes / seconds).toFixed(1)} | ${phases.map((name) => `${((used[name] ?? 0) * 100).toFixed(0)} % (${converged[name] ?? "never"})`).join(" | ")} |`,
    ),
  ].join("\n");
}

export function renderStorms(
  storms: readonly Storm[],
  { clients, capacity, patience }: StormOptions,
): string {
  return [
    `${clients.toLocaleString("en")} clients come to each machine that is left, which can serve ${capacity.toLocaleString("en")} upgrades a second; who has no answer in ${patience} s tries again.`,
    "",
    "| clients come back | 99 % are back after, s | tries of each | most tries in a second : what can be served |",
    "| --- | --- | --- | --- |",
    ...storms.map(
      ({ name, seconds, tries, peak }) =>
        `| ${name} | ${seconds >= 300 ? "not in 300" : seconds.toFixed(0)} | ${tries.toFixed(1)} | ${peak.toFixed(1)} |`,
    ),
  ].join("\n");
}

export function renderRedis({ perSecond, aloneMs }: RedisRun): string {
  return `One Redis of one thread gives ${Math.round(perSecond / 1000)},000 leases a second to one link, and answers one that is asked alone within ${aloneMs.toFixed(2)} ms (median).`;
}
