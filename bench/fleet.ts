/**
 * How long does it take to look at the sessions of a whole fleet? Ten machines are ten processes with 10,000 sessions each,
 * and a real Redis between them (`redis-server`, on a socket of its own). One of them is asked. Prints medians and the worst.
 *
 *   npx node bench/fleet.ts [machines] [sessions of each] [rounds]
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { startRedis } from "../test/support/servers/redis.ts";
import type { FleetQuestion, Timed } from "./fleet/questions.ts";
import { median } from "./rig/statistics.ts";

const [, , machines = "10", each = "10000", rounds = "15"] = process.argv;
const redis = await startRedis();
const script = fileURLToPath(new URL("./fleet/node-process.ts", import.meta.url));
const nodes = Array.from({ length: Number(machines) }, (_, index) =>
  fork(script, [redis.url, `machine-${index}`, each]),
);
await Promise.all(nodes.map((node) => once(node, "message")));
const [asker] = nodes as [ChildProcess];
while ((await ask({ type: "nodes" })).found < nodes.length) await wait(100);

const USER = { attributes: [{ name: "user", value: "user-77" }] };
const cases: readonly (readonly [name: string, question: FleetQuestion])[] = [
  ["a page of 200 of all sessions", { type: "list", filter: {}, limit: 200 }],
  ["the 50th page of 200", { type: "list", filter: {}, limit: 200, before: await passPages(49) }],
  ["a page of 1000", { type: "list", filter: {}, limit: 1000 }],
  ["a list filtered by an attribute", { type: "list", filter: USER, limit: 200 }],
  ["a list filtered by a network", { type: "list", filter: { client: "10.3.0.0/16" }, limit: 200 }],
  ["a count of all sessions", { type: "count", filter: {} }],
  ["a count filtered by an attribute", { type: "count", filter: USER }],
  ["fleet status", { type: "status" }],
];
for (const [name, question] of cases) {
  const seen: Timed[] = [];
  for (let round = -2; round < Number(rounds); round++) {
    const answer = await ask(question);
    if (round >= 0) seen.push(answer);
  }
  const times = seen.map(({ ms }) => ms);
  const missing = seen.reduce((sum, { unanswered }) => sum + unanswered, 0);
  const figures = `${median(times).toFixed(0)} ms, at most ${Math.max(...times).toFixed(0)} ms`;
  console.log(`${name.padEnd(34)} ${figures.padEnd(26)} ${seen[0]?.found} found, ${missing} not answered`);
}
for (const node of nodes) node.disconnect();
redis.stop();

/** @returns where the next page begins */
async function passPages(count: number): Promise<string> {
  let before = "";
  for (let page = 0; page < count; page++)
    ({ next: before = "" } = await ask({ type: "list", filter: {}, limit: 200, before }));
  return before;
}

async function ask(question: FleetQuestion): Promise<Timed> {
  asker.send(question);
  const [answer] = await once(asker, "message");
  return answer as Timed;
}
