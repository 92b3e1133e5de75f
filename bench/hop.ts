/**
 * What does a hop to another process cost with nothing of the gateway's in it? One message at a time through a relay in plain
 * Node, from socket to socket, and through the same relay that asks a child process over a socket pair what to do with each of
 * the client's messages, as the gateway asks a sandbox host. Prints CPU time a message there and back, and the median latency.
 *
 *   npx node bench/hop.ts [seconds] [rounds]
 */
import { type ChildProcess, fork, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { type AddressInfo, connect, createServer, Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { startScript } from "./lib/processes.ts";
import { startClosedLoop } from "./load/closed-loop.ts";
import type { Load } from "./load/load.ts";

const ownFile = fileURLToPath(import.meta.url);
const flags = ["--no-warnings", ownFile];
const LOAD = { paths: ["/"], isRewritten: false, messageBytes: 64, connections: 1, inFlight: 1 };
/** As long as what a host says of one message that stays as it was. */
const unchanged = Buffer.alloc(45);
const SOCKET_FD = 3;
const START_MS = 10_000;
const WARM_MS = 500;

const [, , first = "2", second = "5"] = process.argv;
if (first === "relay") relay(Number(second), process.argv[4] === "hop");
else if (first === "asked") answer();
else await measure(Number(first), Number(second));

async function measure(seconds: number, rounds: number): Promise<void> {
  const echo = await startScript("echo-server.ts", []);
  const relays = await Promise.all(["plain", "hop"].map((kind) => startRelay(kind, echo.port)));
  const seen = relays.map((): { cpu: number; p50: number }[] => []);
  for (let round = 0; round < rounds; round++) {
    for (const [i, { port, pids }] of relays.entries()) {
      const load = await startClosedLoop({ port, ...LOAD });
      await warmUp(load);
      const [count, cpu] = [load.count(), cpuOf(pids)];
      load.latencies.reset();
      await delay(seconds * 1000);
      const each = (cpuOf(pids) - cpu) / (load.count() - count);
      seen[i]?.push({ cpu: each, p50: load.latencies.percentile(50) / 1000 });
      load.stop();
    }
  }
  for (const [i, { kind, child }] of relays.entries()) {
    const median = (key: "cpu" | "p50") =>
      (seen[i] ?? [])
        .map((one) => one[key])
        .sort((a, b) => a - b)
        [rounds >> 1]?.toFixed(1);
    console.log(`${kind.padEnd(6)} ${median("cpu")} µs CPU a message, median latency ${median("p50")} µs`);
    child.disconnect();
  }
  await echo.stop();
}

/** The first message may wait for a child process that starts. */
async function warmUp(load: Load): Promise<void> {
  for (let waited = 0; load.count() === 0 && waited < START_MS; waited += WARM_MS) await delay(WARM_MS);
  await delay(WARM_MS);
}

async function startRelay(kind: string, upstream: number) {
  const child: ChildProcess = fork(ownFile, ["relay", String(upstream), kind], {
    execArgv: ["--no-warnings"],
  });
  const [{ port, asked }] = (await once(child, "message")) as [{ port: number; asked: number | undefined }];
  const pids = [child.pid, asked].filter((pid) => pid !== undefined);
  return { kind, port, pids, child };
}

function relay(upstream: number, hasHop: boolean): void {
  const waiting: (() => void)[] = [];
  const child = hasHop
    ? spawn(process.execPath, [...flags, "asked"], { stdio: ["ignore", "inherit", "inherit", "pipe"] })
    : undefined;
  const asked = child?.stdio[SOCKET_FD] as Socket | undefined;
  asked?.on("data", () => waiting.shift()?.());
  const server = createServer({ noDelay: true }, (client) => {
    const target = connect({ port: upstream, host: "127.0.0.1", noDelay: true });
    let isUpgraded = false;
    client.on("data", (chunk) => {
      if (asked === undefined || !isUpgraded) return target.write(chunk);
      waiting.push(() => target.write(chunk));
      return asked.write(chunk);
    });
    target.on("data", (chunk) => {
      isUpgraded = true;
      client.write(chunk);
    });
    for (const [one, other] of [
      [client, target],
      [target, client],
    ] as const) {
      one.on("error", () => {});
      one.on("close", () => other.destroy());
    }
  });
  server.listen(0, "127.0.0.1", () =>
    process.send?.({ port: (server.address() as AddressInfo).port, asked: child?.pid }),
  );
  process.on("disconnect", () => process.exit());
}

function answer(): void {
  const buffer = Buffer.allocUnsafeSlow(65_536);
  const socket = new Socket({
    fd: SOCKET_FD,
    onread: { buffer, callback: () => socket.write(unchanged) || true },
  });
  socket.on("error", () => {});
  socket.on("close", () => process.exit());
}

/** Of all their threads, in microseconds and finer than ticks. */
function cpuOf(pids: readonly number[]): number {
  let ns = 0;
  for (const pid of pids) {
    for (const thread of readdirSync(`/proc/${pid}/task`))
      ns += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "latin1").split(" ")[0]);
  }
  return ns / 1000;
}
