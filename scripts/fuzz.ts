/** Fuzzes what reads what others have written, target by target in turn, for as long as it is told. */
import { parseArgs } from "node:util";
import { keepInput } from "../test/fuzz/harness/corpus.ts";
import { createRunner } from "../test/fuzz/harness/runner.ts";
import { targets } from "../test/fuzz/targets/index.ts";

const SLICE_MS = 5_000;
/** One input may take so long: on a busy machine, with a collection of garbage in it. */
const SILENCE_MS = 10_000;

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "60" },
    target: { type: "string", multiple: true },
    seed: { type: "string", default: String(Date.now() % 2 ** 31) },
  },
});
const unknown = values.target?.filter((name) => !targets.some((target) => target.name === name)) ?? [];
if (unknown.length > 0)
  throw new Error(`no target ${unknown.join(", ")}: there are ${targets.map(({ name }) => name).join(", ")}`);

const chosen = targets.filter(({ name }) => values.target?.includes(name) ?? true);
const until = performance.now() + Number(values.minutes) * 60_000;
const runner = createRunner(new URL("../test/fuzz/targets/index.ts", import.meta.url).href, SILENCE_MS);
const tally = new Map(chosen.map(({ name }) => [name, { runs: 0, kinds: {} as Record<string, number> }]));
const crashes = new Set<string>();
let seed = Number(values.seed);

while (performance.now() < until) {
  for (const { name } of chosen) {
    const milliseconds = Math.min(SLICE_MS, until - performance.now());
    if (milliseconds <= 0) break;
    const { runs, kinds, crash } = await runner.run({ target: name, seed, milliseconds });
    const sum = tally.get(name);
    if (sum === undefined) continue;
    sum.runs += runs;
    for (const [kind, count] of Object.entries(kinds)) sum.kinds[kind] = (sum.kinds[kind] ?? 0) + count;
    if (crash === undefined) continue;
    const file = keepInput(name, crash.input);
    if (crashes.has(file)) continue;
    crashes.add(file);
    process.stdout.write(`${name}, seed ${seed}: kept as ${file}\n${crash.error}\n\n`);
  }
  seed = (seed + 1) % 2 ** 31;
}
await runner.close();

for (const [name, { runs, kinds }] of tally) {
  const shown = Object.entries(kinds)
    .sort(([, a], [, b]) => b - a)
    .map(([kind, count]) => `${kind} ${count}`);
  process.stdout.write(`${name}: ${runs} inputs\n  ${shown.join("\n  ")}\n`);
}
const total = [...tally.values()].reduce((sum, { runs }) => sum + runs, 0);
process.stdout.write(`${total} inputs, ${tally.size} targets, ${crashes.size} crashes\n`);
process.exitCode = crashes.size > 0 ? 1 : 0;
