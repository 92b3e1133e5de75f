import type { Place } from "./results.ts";

/** A claim: the measured value is at most this. */
export interface Goal {
  readonly what: string;
  readonly atMost: number;
  /** Absent: it is a ratio. */
  readonly unit?: string;
  readonly of: Place;
  /** The value is the ratio of both, round by round. */
  readonly over?: Place;
  /** The value is the difference of both, round by round. */
  readonly minus?: Place;
}

const upgrade = (row: string): Place => ({ row, column: "upgrades", figure: "cpu" });
const rest = (row: string): Place => ({ row, column: "rest", figure: "mib" });
const idle = (row: string): Place => ({ row, column: "idle", figure: "kib" });
const p99 = (row: string): Place => ({ row, column: "5000/s", figure: "p99" });
const cpu = (column: string, row: string): Place => ({ row, column, figure: "cpu" });
const p50 = (column: string, row: string): Place => ({ row, column, figure: "p50" });

/** What a gateway with policies in a sandbox is to cost beside others. */
export const goals: readonly Goal[] = [
  {
    ...{ what: "upgrade and close, spliced : nginx", atMost: 2 },
    ...{ of: upgrade("spliced"), over: upgrade("nginx") },
  },
  {
    ...{ what: "upgrade and close with an upgrade hook : plain `ws` without one", atMost: 0.6 },
    ...{ of: upgrade("hook"), over: upgrade("ws") },
  },
  { what: "memory at rest, three policies, one worker", atMost: 160, unit: "MiB", of: rest("three") },
  {
    ...{ what: "memory at rest, each further worker", atMost: 90, unit: "MiB" },
    ...{ of: rest("three-2"), minus: rest("three") },
  },
  {
    ...{ what: "memory of an idle connection with context and a policy : nginx", atMost: 1 },
    ...{ of: idle("rewrites"), over: idle("nginx") },
  },
  ...[
    ratio("64x50x32", "spliced", "relay", 1.8),
    ratio("64x50x32", "rewrites", "bun", 1 / 6),
    ratio("64x50x1", "rewrites", "ws-policy", 0.7),
    ratio("1Kx50x32", "rewrites", "bun", 0.7),
    ratio("1Kx50x32", "sets-blind", "bun", 0.4),
    ratio("16Kx50x1", "looks", "spliced", 1.6),
    ratio("16Kx50x1", "rewrites", "ws-policy", 0.8),
    ratio("16Kx50x1", "sets-blind", "bun", 0.7),
    ratio("64Kx50x1", "looks", "spliced", 1.8),
    ratio("64Kx50x1", "rewrites", "ws-policy", 0.75),
    ratio("64Kx50x1", "sets-blind", "bun", 0.6),
    ratio("64Kx50x1", "spliced", "nginx", 0.5),
    ratio("64x1x1", "looks", "spliced", 2),
    ratio("64x1x1", "looks-worker", "spliced", 1.15),
  ],
  {
    ...{ what: "64×1×1, median latency: looks : spliced", atMost: 2 },
    ...{ of: p50("64x1x1", "looks"), over: p50("64x1x1", "spliced") },
  },
  {
    ...{ what: "64×1×1, median latency: looks-worker : spliced", atMost: 1.15 },
    ...{ of: p50("64x1x1", "looks-worker"), over: p50("64x1x1", "spliced") },
  },
  {
    what: "p99 at 5,000 messages a second, spliced : nginx",
    atMost: 4,
    of: p99("spliced"),
    over: p99("nginx"),
  },
  {
    what: "p99 at 5,000 messages a second, looks : plain `ws`",
    atMost: 1,
    of: p99("looks"),
    over: p99("ws"),
  },
  {
    ...{ what: "ready after `framegate start`, ten policies", atMost: 700, unit: "ms" },
    of: { row: "ten", column: "ready", figure: "ms" },
  },
  {
    ...{ what: "a policy is live after it is saved, ten policies", atMost: 120, unit: "ms" },
    of: { row: "ten", column: "live", figure: "ms" },
  },
  ratio("64x50x32", "recorded", "spliced", 1.15),
  ratio("64x50x32", "chain-5", "looks", 2.5),
];

function ratio(column: string, of: string, over: string, atMost: number): Goal {
  const what = `${column.replaceAll("x", "×")}, CPU: ${of} : ${over}`;
  return { what, atMost, of: cpu(column, of), over: cpu(column, over) };
}
