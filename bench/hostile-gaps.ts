/**
 * How long does a session wait because of somebody else's policy? A good session sends a message every 10 ms on a route
 * of its own, while hostile policies on other routes are called: once each, and two of them in turn. Prints a table for
 * docs/reliability.md. Measure on a machine that does nothing else.
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { WebSocket, WebSocketServer } from "ws";
import { oneLiners } from "./hostile/one-liners.ts";

const help = `usage: npx node bench/hostile-gaps.ts [options]
  --from N       begin with this one of them (default: 0)
  --shots N      so many of the ${oneLiners.length} one-liners, once each (default: all; 0: none)
  --seconds N    two hostile policies in turn for so long (default: 60; 0: not at all)
  --policies N   policies that are loaded at a time (default: 43)
  --pause MS     between two shots, for the next spare to be ready (default: 1500)
  --help`;

const { values } = parseArgs({
  options: {
    from: { type: "string", default: "0" },
    shots: { type: "string", default: String(oneLiners.length) },
    seconds: { type: "string", default: "60" },
    policies: { type: "string", default: "43" },
    pause: { type: "string", default: "1500" },
    help: { type: "boolean", default: false },
  },
});
if (values.help) {
  process.stdout.write(`${help}\n`);
  process.exit(0);
}
const [shots, seconds, loaded, pauseMs] = [values.shots, values.seconds, values.policies, values.pause].map(
  Number,
) as [number, number, number, number];

const SEND_MS = 10;
/** So many of the longest waits are told one by one. */
const TOLD = 8;
const ONE_SHOT_GOAL_MS = 250;
const IN_TURN_GOAL_MS = 400;
const echo = new WebSocketServer({ port: 0, host: "127.0.0.1" });
echo.on("connection", (socket) =>
  socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary })),
);
await once(echo, "listening");
const upstream = `ws://127.0.0.1:${(echo.address() as AddressInfo).port}`;

interface Gateway {
  readonly child: ChildProcess;
  readonly port: number;
}

async function withGateway(
  hostile: readonly string[],
  run: (gateway: Gateway) => Promise<void>,
): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), "framegate-hostile-"));
  const good = "export const client = ({ content }) => ({ content: { body: content.body } });";
  const sources = Array.from({ length: Math.max(loaded, hostile.length + 1) }, (_, i) => {
    const code = hostile[i - 1];
    if (code === undefined) return good;
    return `export const client = async ({ content }) => { if (content.body === "attack") { ${code} } };`;
  });
  await Promise.all(sources.map((source, i) => writeFile(join(dir, `p${i}.ts`), source)));
  const routes = sources.map((_, i) => ({ path: `/p${i}`, upstream, policies: [`p${i}`], onError: "drop" }));
  const child = fork(fileURLToPath(new URL("hostile/gateway-process.ts", import.meta.url)), [
    JSON.stringify({ policies: dir, routes }),
  ]);
  try {
    const port = await new Promise<number>((resolve, reject) => {
      child.once("message", (message) => resolve((message as { port: number }).port));
      child.once("exit", (code) => reject(new Error(`the gateway ended with ${code} before it was ready`)));
    });
    await run({ child, port });
  } finally {
    child.kill("SIGTERM");
    await rm(dir, { recursive: true });
  }
}

async function connect({ port }: Gateway, path: string): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`);
  await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
  return socket;
}

/** A session that sends all the time, and notes how long each answer took. */
async function startGood(gateway: Gateway) {
  const socket = await connect(gateway, "/p0");
  const sentAt: number[] = [];
  let answered = 0;
  let worst = 0;
  let isOpen = true;
  socket.on("message", (data) => {
    if (Number(String(data)) !== answered) throw new Error(`answer ${data} came in place of ${answered}`);
    worst = Math.max(worst, performance.now() - (sentAt[answered] ?? 0));
    answered++;
  });
  socket.on("close", () => {
    isOpen = false;
  });
  const timer = setInterval(() => {
    sentAt.push(performance.now());
    socket.send(String(sentAt.length - 1));
  }, SEND_MS);
  return {
    /** The longest wait since it was asked last, that of what is not answered yet included. */
    takeWorst(): number {
      const oldest = sentAt[answered];
      const wait = Math.max(worst, oldest === undefined ? 0 : performance.now() - oldest);
      worst = 0;
      return wait;
    },
    async stop() {
      clearInterval(timer);
      await delay(1000);
      const result = { lost: sentAt.length - answered, closed: !isOpen };
      socket.close();
      return result;
    },
  };
}

interface Row {
  readonly what: string;
  readonly worstMs: number;
}

async function shootOnce(hostile: readonly string[]): Promise<{ rows: Row[]; lost: number; closed: number }> {
  const rows: Row[] = [];
  let [lost, closed] = [0, 0];
  await withGateway(hostile, async (gateway) => {
    const good = await startGood(gateway);
    await delay(2000);
    for (const [i, what] of hostile.entries()) {
      const attacker = await connect(gateway, `/p${i + 1}`);
      good.takeWorst();
      attacker.send("attack");
      await delay(pauseMs);
      rows.push({ what, worstMs: good.takeWorst() });
      attacker.terminate();
    }
    const end = await good.stop();
    lost += end.lost;
    closed += Number(end.closed);
  });
  return { rows, lost, closed };
}

/** @returns the worst wait of each second */
async function shootInTurn(): Promise<{ worst: number[]; lost: number; closed: boolean }> {
  const worst: number[] = [];
  let result = { lost: 0, closed: false };
  await withGateway(oneLiners.slice(0, 2), async (gateway) => {
    const good = await startGood(gateway);
    const attackers = [await connect(gateway, "/p1"), await connect(gateway, "/p2")];
    await delay(2000);
    good.takeWorst();
    for (let second = 0; second < seconds; second++) {
      for (const attacker of attackers) {
        if (attacker.readyState === WebSocket.OPEN) attacker.send("attack");
        await delay(500);
      }
      worst.push(good.takeWorst());
    }
    result = await good.stop();
    for (const attacker of attackers) attacker.terminate();
  });
  return { worst, ...result };
}

const ms = (value: number) => `${Math.round(value)} ms`;

/** All of them, as many at a time as policies are loaded. @returns a row of the table */
async function shootAll(): Promise<string> {
  const rows: Row[] = [];
  let [lost, closed] = [0, 0];
  const atATime = Math.max(1, loaded - 1);
  const first = Number(values.from);
  const shot = oneLiners.slice(first, first + shots);
  for (let from = 0; from < shot.length; from += atATime) {
    const result = await shootOnce(shot.slice(from, from + atATime));
    rows.push(...result.rows);
    lost += result.lost;
    closed += result.closed;
  }
  const waits = rows.map(({ worstMs }) => worstMs).sort((a, b) => a - b);
  const over = rows.filter(({ worstMs }) => worstMs > ONE_SHOT_GOAL_MS);
  const told = rows.toSorted((a, b) => b.worstMs - a.worstMs).slice(0, Math.max(TOLD, over.length));
  for (const { what, worstMs } of told) process.stderr.write(`${ms(worstMs)}: ${what.slice(0, 120)}\n`);
  return `| ${rows.length} one-liners, once each | ${ms(medianOf(waits))} | ${ms(waits.at(-1) ?? 0)} | ${over.length} above ${ONE_SHOT_GOAL_MS} ms | ${lost} lost, ${closed} closed |`;
}

/** Two of them in turn. @returns a row of the table */
async function shootLong(): Promise<string> {
  const { worst, lost, closed } = await shootInTurn();
  const later = worst.slice(1).sort((a, b) => a - b);
  const over = later.filter((wait) => wait > IN_TURN_GOAL_MS).length;
  return `| two in turn for ${seconds} s, after the first second | ${ms(medianOf(later))} | ${ms(later.at(-1) ?? 0)} | ${over} seconds above ${IN_TURN_GOAL_MS} ms | ${lost} lost, ${Number(closed)} closed |`;
}

function medianOf(sorted: readonly number[]): number {
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

process.stdout.write(`load average at the start: ${loadavg()[0]?.toFixed(1)}

| attack, with ${loaded} policies loaded | median of the waits | longest wait | beyond the goal | of the good session |
| --- | --- | --- | --- | --- |
`);
if (shots > 0) process.stdout.write(`${await shootAll()}\n`);
if (seconds > 0) process.stdout.write(`${await shootLong()}\n`);
echo.close();
