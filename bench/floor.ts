/**
 * What does a policy cost with nothing of the gateway's around it? Prints CPU µs of each message: to parse it, put in a member and
 * serialise it, in this Node and in bun; and to call a function that looks, or rewrites so, in an isolate of isolated-vm,
 * many messages an entry.
 *
 *   npx node bench/floor.ts [seconds] [rounds]
 */
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { makeMessage } from "./load/message.ts";
import { findBun } from "./peers/runtimes.ts";
import { median } from "./rig/statistics.ts";

const SIZES = [64, 1024, 16_384];
const [, , seconds = "1", rounds = "5"] = process.argv;
const fileOf = (name: string) => fileURLToPath(new URL(`floor/${name}`, import.meta.url));
const isolate = (kind: string): readonly string[] => [
  process.execPath,
  ...["--no-warnings", "--no-node-snapshot", fileOf("isolate-loop.ts"), kind],
];
const bun = findBun();
const loops: readonly (readonly [title: string, command: readonly string[]])[] = [
  ["JSON, this Node", [process.execPath, fileOf("json-loop.js")]],
  ...(bun === undefined ? [] : [["JSON, bun", [bun, fileOf("json-loop.js")]] as const]),
  ["isolate, looks", isolate("looks")],
  ["isolate, rewrites", isolate("rewrites")],
];

console.log(["bytes", ...loops.map(([title]) => title)].join("\t"));
for (const size of SIZES) {
  const seen = loops.map((): number[] => []);
  for (let round = 0; round < Number(rounds); round++) {
    for (const [i, [, [file = "", ...args]]] of loops.entries()) {
      const said = execFileSync(file, [...args, seconds], { input: makeMessage(size), encoding: "utf8" });
      seen[i]?.push(Number(said));
    }
  }
  console.log([size, ...seen.map((all) => `${median(all).toFixed(2)} µs`)].join("\t"));
}
