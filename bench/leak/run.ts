import { fork } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { findInnermost } from "../../sandbox/client/process/process-tree.ts";
import { readResidentMemory } from "../../sandbox/client/process/resident-memory.ts";
import { startScript } from "../lib/processes.ts";
import type { Held } from "./held.ts";
import { runSession } from "./one-session.ts";

/** What the gateway and its sandbox host hold. */
export interface Measured extends Held {
  readonly sessions: number;
  readonly hostBytes: number;
  readonly hostDescriptors: number;
}

const AT_A_TIME = 40;

/** @param counts so many sessions, one after the other, before each measurement */
export async function measureLeaks(counts: readonly number[]): Promise<readonly Measured[]> {
  const echo = await startScript("echo-server.ts", []);
  const gateway = fork(fileURLToPath(new URL("gateway-process.ts", import.meta.url)), [
    `ws://127.0.0.1:${echo.port}`,
  ]);
  try {
    const [{ port }] = (await once(gateway, "message")) as [{ port: number }];
    const measured: Measured[] = [];
    let done = 0;
    for (const count of counts) {
      done += count;
      await runSessions(port, count);
      gateway.send("measure");
      const [held] = (await once(gateway, "message")) as [Held];
      const host = findInnermost(held.hostPid);
      measured.push({
        ...held,
        sessions: done,
        hostBytes: readResidentMemory(host),
        hostDescriptors: readdirSync(`/proc/${host}/fd`).length,
      });
    }
    return measured;
  } finally {
    gateway.kill("SIGKILL");
    await echo.stop();
  }
}

/** Half of them spliced, half through a policy. */
async function runSessions(port: number, count: number): Promise<void> {
  let begun = 0;
  const one = async (): Promise<void> => {
    while (begun < count) await runSession(port, begun++ % 2 === 0 ? "/spliced" : "/policy");
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, one));
}
