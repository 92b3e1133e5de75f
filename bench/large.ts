/**
 * What does a large message cost on its way to a sandbox and back with nothing of the gateway's around it? Messages of so
 * many KiB, one in flight on each of 50 connections, through relays in plain Node that do one thing more each
 * (`large/trips.ts`). Prints CPU time of the relay and of the process that it asks, a message there and back.
 *
 *   npx node bench/large.ts [KiB] [seconds] [rounds]
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { TRIPS, type Trip } from "./large/trips.ts";
import { readThreadMicroseconds, startScript } from "./lib/processes.ts";
import { startClosedLoop } from "./load/closed-loop.ts";
import { frameOf } from "./load/load.ts";
import { median } from "./rig/statistics.ts";

const [kib = 64, seconds = 1, rounds = 3] = process.argv.slice(2).map(Number);
const relayFile = fileURLToPath(new URL("large/relay.ts", import.meta.url));
const shape = { paths: ["/"], messageBytes: kib * 1024, connections: 50, inFlight: 1 };
const WARM_MS = 1000;

const echo = await startScript("echo-server.ts", []);
const seen = new Map<Trip, { relay: number; asked: number }[]>();
for (let round = 0; round < rounds; round++) {
  for (const trip of Object.keys(TRIPS) as Trip[])
    seen.set(trip, [...(seen.get(trip) ?? []), await measure(trip)]);
}
for (const [trip, all] of seen) {
  const whole = median(all.map(({ relay, asked }) => relay + asked)).toFixed(0);
  const [relay, asked] = [median(all.map((one) => one.relay)), median(all.map((one) => one.asked))];
  const parts = `${relay.toFixed(0)} + ${asked.toFixed(0)}`;
  console.log(`${trip.padEnd(9)} ${whole.padStart(6)} µs (${parts.padStart(11)})  ${TRIPS[trip]}`);
}
await echo.stop();

async function measure(trip: Trip): Promise<{ relay: number; asked: number }> {
  const frame = frameOf({ ...shape, port: 0, isRewritten: false });
  const args = [trip, String(frame.length), String(echo.port)];
  const child: ChildProcess = fork(relayFile, args, { execArgv: ["--no-warnings"] });
  const [{ port, asked }] = (await once(child, "message")) as [{ port: number; asked: number | undefined }];
  const isRewritten = trip === "parsed" || trip === "json" || trip === "told";
  const load = await startClosedLoop({ port, isRewritten, ...shape });
  await delay(WARM_MS);
  const read = () => [child.pid, asked].map((pid) => (pid === undefined ? 0 : readThreadMicroseconds(pid)));
  const [count, [relayBefore = 0, askedBefore = 0]] = [load.count(), read()];
  await delay(seconds * 1000);
  const [relayAfter = 0, askedAfter = 0] = read();
  const messages = load.count() - count;
  load.stop();
  child.disconnect();
  await once(child, "exit");
  return { relay: (relayAfter - relayBefore) / messages, asked: (askedAfter - askedBefore) / messages };
}
