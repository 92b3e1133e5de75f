import { setTimeout as delay } from "node:timers/promises";
import { startOpenLoop } from "../load/open-loop.ts";
import type { RunningPeer } from "../peers/peer.ts";
import type { Column, Extent } from "./column.ts";
import { observeWarm } from "./observe.ts";
import { saveToLive } from "./save-to-live.ts";

const RELOAD_EVERY_MS = 400;
const SAVES = 5;

/** Starts, saves, reloads. */
export function changeColumns(extent: Extent): readonly Column[] {
  return [
    {
      ...{ id: "ready", title: "ready after its start", isUsual: true, process: "shared" },
      group: { title: "Starts", figures: [{ key: "ms", title: "ms" }] },
      suits: () => true,
      measure: async ({ readyMs }) => ({ ms: readyMs }),
    },
    {
      ...{ id: "live", title: "a policy is live after it is saved", isUsual: true, process: "own" },
      group: { title: "Saves", figures: [{ key: "ms", title: "ms" }] },
      suits: () => false, // but for the rows that are there for it
      async measure(running) {
        return { ms: await saveToLive(running, SAVES) };
      },
    },
    {
      ...{ id: "reload", title: "5000 messages a second", isUsual: false, process: "own" },
      group: {
        title: `Reloads under load, one each ${RELOAD_EVERY_MS} ms: latency, µs`,
        figures: [
          { key: "p99", title: "p99" },
          { key: "p50", title: "p50" },
          { key: "max", title: "longest" },
        ],
      },
      suits: ({ reloads }) => reloads,
      async measure(running, { rewrites }) {
        const { pid, port, paths } = running;
        const load = await startOpenLoop({
          ...{ port, paths, isRewritten: rewrites },
          ...{ messageBytes: 1024, connections: 50, perSecond: 5000 },
        });
        const stop = startReloads(running);
        try {
          return await observeWarm(pid, load, extent);
        } finally {
          await stop();
        }
      },
    },
  ];
}

/** @returns what ends them, and throws what went wrong with one */
function startReloads({ reload }: RunningPeer): () => Promise<void> {
  if (reload === undefined) throw new Error("there is nothing to reload");
  const ended = new AbortController();
  const going = (async () => {
    for (let version = 1; !ended.signal.aborted; version++) {
      await reload(version);
      await delay(RELOAD_EVERY_MS, undefined, { signal: ended.signal }).catch(() => {});
    }
  })();
  going.catch(() => {}); // told by what ends them
  return () => {
    ended.abort();
    return going;
  };
}
