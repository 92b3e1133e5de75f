/**
 * json-loop.js SECONDS < text: parses a message, puts in one more member and serialises it, again and again, in
 * whatever runs this. Prints CPU µs of each.
 */
import { readFileSync } from "node:fs";

const text = readFileSync(0, "utf8");
const ms = Number(process.argv[2]) * 1000;

function rewrite() {
  return JSON.stringify({ ...JSON.parse(text), user: "alice" }).length;
}

function run(until) {
  let count = 0;
  let units = 0;
  while (performance.now() < until) {
    for (let i = 0; i < 100; i++) units += rewrite();
    count += 100;
  }
  return { count, units };
}

run(performance.now() + ms / 2);
const before = process.cpuUsage();
const { count } = run(performance.now() + ms);
const { user, system } = process.cpuUsage(before);
console.log((user + system) / count);
