import { startClosedLoop } from "../load/closed-loop.ts";
import { startOpenLoop } from "../load/open-loop.ts";
import type { Column, ColumnGroup, Extent } from "./column.ts";
import { observeWarm } from "./observe.ts";

const LATENCY: ColumnGroup = {
  title: "Latency of messages that come whatever is answered, µs (1 KiB on 50 connections)",
  figures: [
    { key: "p99", title: "p99" },
    { key: "p50", title: "p50" },
    { key: "p999", title: "p99.9" },
  ],
};
const SHAPE = { messageBytes: 1024, connections: 50 };
const PER_SECOND = 5000;

export function latencyColumns(extent: Extent): readonly Column[] {
  const shared = {
    group: LATENCY,
    process: "shared" as const,
    suits: () => true,
  };
  return [
    {
      ...shared,
      ...{ id: "5000/s", title: `${PER_SECOND} a second`, isUsual: true },
      async measure({ pid, port, paths }, { rewrites }) {
        const to = { port, paths, isRewritten: rewrites };
        return observeWarm(pid, await startOpenLoop({ ...to, ...SHAPE, perSecond: PER_SECOND }), extent);
      },
    },
    {
      ...shared,
      ...{ id: "half-load", title: "half of what it can", isUsual: false },
      async measure({ pid, port, paths }, { rewrites }) {
        const to = { port, paths, isRewritten: rewrites };
        const most = await observeWarm(pid, await startClosedLoop({ ...to, ...SHAPE, inFlight: 4 }), extent);
        const perSecond = (most.perSecond ?? 0) / 2;
        return observeWarm(pid, await startOpenLoop({ ...to, ...SHAPE, perSecond }), extent);
      },
    },
  ];
}
