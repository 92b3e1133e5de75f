import { startUpgradeLoop } from "../load/upgrade-loop.ts";
import type { Column, Extent } from "./column.ts";
import { observeWarm } from "./observe.ts";

const AT_A_TIME = 32;

export function upgradeColumns(extent: Extent): readonly Column[] {
  return [
    {
      id: "upgrades",
      title: `upgrade and close, ${AT_A_TIME} at a time`,
      group: {
        title: "Upgrades",
        figures: [
          { key: "cpu", title: "CPU µs each" },
          { key: "perSecond", title: "a second" },
          { key: "p50", title: "median latency until the 101, µs" },
        ],
      },
      isUsual: true,
      process: "own",
      suits: () => true,
      measure: ({ pid, port, paths }) =>
        observeWarm(pid, startUpgradeLoop({ port, paths, atATime: AT_A_TIME }), extent),
    },
  ];
}
