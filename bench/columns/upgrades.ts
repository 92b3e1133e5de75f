import { startUpgradeLoop } from "../load/upgrade-loop.ts";
import type { Column, Extent } from "./column.ts";
import { comeBack, observe, observeFirst } from "./observe.ts";

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
          { key: "first", title: `of the first ${extent.firstUpgrades}, from the start on` },
          { key: "perSecond", title: "a second" },
          { key: "p50", title: "median latency until the 101, µs" },
        ],
      },
      isUsual: true,
      process: "own",
      suits: () => true,
      async measure({ pid, port, paths }) {
        const load = startUpgradeLoop({ port, paths, atATime: AT_A_TIME });
        try {
          const first = await observeFirst(pid, load, extent.firstUpgrades);
          await comeBack(load, extent.warmUpgrades);
          return { ...(await observe(pid, load, extent.seconds)), first };
        } finally {
          load.stop();
        }
      },
    },
  ];
}
