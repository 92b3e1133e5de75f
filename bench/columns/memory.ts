import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { readMemoryKiB } from "../lib/processes.ts";
import { openAll } from "../load/load.ts";
import type { Column, Extent } from "./column.ts";

/** Each connection takes two descriptors of what stands between, and some keep a part of theirs in reserve. */
const SHARE_OF_DESCRIPTORS = 0.425;

export function memoryColumns(extent: Extent): readonly Column[] {
  const connections = Math.min(
    extent.idleConnections,
    Math.floor(readDescriptorLimit() * SHARE_OF_DESCRIPTORS),
  );
  return [
    {
      ...{ id: "rest", title: "at rest", isUsual: true, process: "first" },
      group: { title: "Memory (PSS, all processes)", figures: [{ key: "mib", title: "MiB" }] },
      suits: () => true,
      measure: async ({ pid }) => ({ mib: readMemoryKiB(pid) / 1024 }),
    },
    {
      ...{ id: "idle", title: `${connections} idle connections`, isUsual: false, process: "own" },
      group: { title: "Idle connections (PSS)", figures: [{ key: "kib", title: "KiB each" }] },
      suits: () => true,
      async measure({ pid, port, paths }, { rewrites }) {
        const before = readMemoryKiB(pid);
        let failure: Error | undefined;
        const opened = await openAll(
          { port, paths, connections, messageBytes: 64, isRewritten: rewrites },
          () => ({
            onMessages() {},
            onFailure(error) {
              failure ??= error;
            },
          }),
        );
        await delay(extent.restSeconds * 1000);
        const after = readMemoryKiB(pid);
        for (const connection of opened) connection.destroy();
        if (failure !== undefined) throw failure;
        return { kib: (after - before) / connections };
      },
    },
  ];
}

/** Node has raised it to what it may be at its start. */
function readDescriptorLimit(): number {
  const found = /^Max open files\s+\d+\s+(\d+)/m.exec(readFileSync("/proc/self/limits", "utf8"));
  return found === null ? Number.POSITIVE_INFINITY : Number(found[1]);
}
