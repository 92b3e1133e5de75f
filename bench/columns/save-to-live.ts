import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { WebSocket } from "ws";
import type { RunningPeer } from "../peers/peer.ts";
import { median } from "../rig/statistics.ts";

const LIVE_MS = 20_000;
const ASK_EVERY_MS = 2;
/** Nobody saves again at once. */
const PAUSE_MS = 300;

/** Saves a policy so many times. @returns the median of the milliseconds until a message was answered by the new one */
export async function saveToLive({ port, paths, reload }: RunningPeer, saves: number): Promise<number> {
  if (reload === undefined) throw new Error("there is nothing to save");
  const socket = new WebSocket(`ws://127.0.0.1:${port}${paths[0]}`);
  await once(socket, "open");
  try {
    const took: number[] = [];
    for (let version = 1; version <= saves; version++) {
      await delay(PAUSE_MS);
      const start = performance.now();
      await reload(version);
      while ((await askVersion(socket)) !== version) {
        if (performance.now() - start > LIVE_MS)
          throw new Error(`version ${version} is not live after ${LIVE_MS} ms`);
        await delay(ASK_EVERY_MS);
      }
      took.push(performance.now() - start);
    }
    return median(took);
  } finally {
    socket.terminate();
  }
}

async function askVersion(socket: WebSocket): Promise<unknown> {
  const answered = once(socket, "message", { signal: AbortSignal.timeout(LIVE_MS) });
  socket.send("{}");
  const [data] = await answered;
  return (JSON.parse(String(data)) as { readonly version?: unknown }).version;
}
