/**
 * What do a hop to another process, and an entry into an isolate, cost with nothing of the gateway's around them? A relay in
 * plain Node, from socket to socket, that does with each of the client's messages
 *
 *   plain         nothing
 *   isolate       what `isolation: "worker"` does at least: it enters an isolate with the text, under a time limit (of
 *                 those that share their timers, as the gateway's do)
 *   hop           what a sandbox host needs at least: it asks a child process over a socket pair, and waits for the answer
 *   hop+isolate   both: the child process enters an isolate before it answers
 *
 * Prints CPU time a message there and back, and the median latency, and both as multiples of the first line.
 *
 *   npx node bench/hop.ts [seconds] [rounds] [connections]
 */
import { type ChildProcess, fork, spawn } from "node:child_process";
import { once } from "node:events";
import { connect, createServer, Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { slackenTimers } from "../sandbox/client/process/timer-slack.ts";
import { findAddon } from "../sandbox/client/transport/addon.ts";
import { loadAddon } from "../sandbox/host/isolated-vm.ts";
import { SharedDeadline } from "../sandbox/host/limits/shared-deadline.ts";
import { machineNow } from "../sandbox/machine-clock.ts";
import { comeBack, passOnce } from "./columns/observe.ts";
import { UNCHANGED_BYTES } from "./large/trips.ts";
import { endTogether, openForked } from "./lib/forked-relay.ts";
import { readThreadMicroseconds, startScript } from "./lib/processes.ts";
import { startClosedLoop } from "./load/closed-loop.ts";
import { median } from "./rig/statistics.ts";

const ownFile = fileURLToPath(import.meta.url);
const KINDS = ["plain", "isolate", "hop", "hop+isolate"] as const;
type Kind = (typeof KINDS)[number];
/** What a process must be started with that is to hold isolates. */
const FLAGS = ["--no-warnings", "--no-node-snapshot", "--no-turboshaft-loop-unrolling"];
/** As long as what a host says of one message that stays as it was. */
const unchanged = Buffer.alloc(UNCHANGED_BYTES);
/** Header and mask of a short frame: the text comes behind them. */
const HEADER_BYTES = 6;
const LIMIT_MS = 60;
const SOCKET_FD = 3;
const MANY = 8;
const WARM_MESSAGES = 50_000;

const [, , first = "2", second = "5", third = "1"] = process.argv;
if (first === "relay") relay(Number(second), third as Kind);
else if (first === "asked") answer(second === "isolate");
else await measure(Number(first), Number(second), Number(third));

async function measure(seconds: number, rounds: number, connections: number): Promise<void> {
  const shape = { paths: ["/"], isRewritten: false, messageBytes: 64, connections, inFlight: 1 };
  const echo = await startScript("echo-server.ts", []);
  const relays = await Promise.all(KINDS.map((kind) => startRelay(kind, echo.port)));
  for (const { port } of relays) {
    const load = await startClosedLoop({ port, ...shape, connections: MANY });
    // V8 has compiled then what they pass, and a child process has started.
    await passOnce(load, WARM_MESSAGES);
  }
  const seen = relays.map((): Figures[] => []);
  for (let round = 0; round < rounds; round++) {
    for (const [i, { port, pids }] of relays.entries()) {
      const load = await startClosedLoop({ port, ...shape });
      await comeBack(load, MANY);
      const [count, cpu] = [load.count(), cpuOf(pids)];
      load.latencies.reset();
      await delay(seconds * 1000);
      const each = (cpuOf(pids) - cpu) / (load.count() - count);
      seen[i]?.push({ cpu: each, p50: load.latencies.percentile(50) / 1000 });
      load.stop();
    }
  }
  const medians = seen.map(medianOf);
  for (const [i, { kind, child }] of relays.entries()) {
    const [own, plain] = [medians[i], medians[0]];
    if (own !== undefined && plain !== undefined) console.log(lineOf(kind, own, plain));
    child.disconnect();
  }
  await echo.stop();
}

interface Figures {
  readonly cpu: number;
  readonly p50: number;
}

function medianOf(seen: readonly Figures[]): Figures {
  return { cpu: median(seen.map(({ cpu }) => cpu)), p50: median(seen.map(({ p50 }) => p50)) };
}

function lineOf(kind: Kind, own: Figures, plain: Figures): string {
  const figure = (key: keyof Figures) => `${own[key].toFixed(1)} µs (${(own[key] / plain[key]).toFixed(2)})`;
  return `${kind.padEnd(12)} CPU a message ${figure("cpu")}, median latency ${figure("p50")}`;
}

async function startRelay(kind: Kind, upstream: number) {
  const child: ChildProcess = fork(ownFile, ["relay", String(upstream), kind], { execArgv: FLAGS });
  const [{ port, asked }] = (await once(child, "message")) as [{ port: number; asked: number | undefined }];
  const pids = [child.pid, asked].filter((pid) => pid !== undefined);
  return { kind, port, pids, child };
}

function relay(upstream: number, kind: Kind): void {
  const waiting: (() => void)[] = [];
  const child = kind.startsWith("hop")
    ? spawn(process.execPath, [...FLAGS, ownFile, "asked", kind === "hop" ? "" : "isolate"], {
        stdio: ["ignore", "inherit", "inherit", "pipe"],
      })
    : undefined;
  const asked = child?.stdio[SOCKET_FD] as Socket | undefined;
  asked?.on("data", ({ length }) => {
    for (let told = 0; told < length; told += unchanged.length) waiting.shift()?.();
  });
  const enter = kind === "isolate" ? createEntry() : undefined;
  const server = createServer({ noDelay: true }, (client) => {
    const target = connect({ port: upstream, host: "127.0.0.1", noDelay: true });
    let isUpgraded = false;
    client.on("data", (chunk) => {
      if (!isUpgraded || asked === undefined) {
        if (isUpgraded) enter?.(chunk);
        return target.write(chunk);
      }
      waiting.push(() => target.write(chunk));
      return asked.write(chunk);
    });
    target.on("data", (chunk) => {
      isUpgraded = true;
      client.write(chunk);
    });
    endTogether(client, target);
  });
  openForked(server, child?.pid);
}

function answer(isEntering: boolean): void {
  const enter = isEntering ? createEntry() : undefined;
  const buffer = Buffer.allocUnsafeSlow(65_536);
  const socket = new Socket({
    fd: SOCKET_FD,
    onread: {
      buffer,
      callback(length) {
        for (let at = 0; at < length; ) {
          // Short messages of one connection each: whole frames, and as many as it says.
          const next = at + HEADER_BYTES + ((buffer[at + 1] as number) & 0x7f);
          enter?.(buffer.subarray(at, next));
          socket.write(unchanged);
          at = next;
        }
        return true;
      },
    },
  });
  socket.on("error", () => {});
  socket.on("close", () => process.exit());
}

/** An isolate with a function in it that looks at a text, and is called with that of a frame. */
function createEntry(): (frame: Buffer) => void {
  const isolate = new (loadAddon(findAddon()).Isolate)({ memoryLimit: 64 });
  const context = isolate.createContextSync();
  const look = context.evalSync("(text) => text.length > 1_000_000", { reference: true });
  const deadline = new SharedDeadline();
  slackenTimers();
  return (frame) => {
    const timeout = deadline.timeoutFor(machineNow(), LIMIT_MS);
    look.applySync(undefined, [frame.toString("latin1", HEADER_BYTES)], { timeout, result: { copy: true } });
  };
}

/** Of all their threads, in microseconds and finer than ticks. */
function cpuOf(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + readThreadMicroseconds(pid), 0);
}
