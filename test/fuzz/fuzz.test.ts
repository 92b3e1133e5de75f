import test from "ava";
import { readCorpus } from "./harness/corpus.ts";
import { fuzz } from "./harness/fuzz.ts";
import { targets } from "./targets/index.ts";

/**
 * A few hundred inputs for each of what reads what others have written, the same ones each time: a change that fails here
 * has done so itself. `FUZZ_RUNS` says how many times as many, `FUZZ_SEED` which others. Longer, and others each time:
 * `npm run fuzz`.
 */
const seed = Number(process.env.FUZZ_SEED ?? 1);
const times = Number(process.env.FUZZ_RUNS ?? 1);

for (const target of targets) {
  test(`${target.name}: whatever comes is read or refused (seed ${seed})`, async (t) => {
    t.timeout(60_000 * times);
    const known = readCorpus(target.name).length + target.seeds.length;
    const { crash } = await fuzz(target, { seed, runs: known + target.runs * times });
    if (crash === undefined) t.pass();
    else t.fail(`${crash.error}\n${crash.input.slice(0, 2000)}`);
  });
}
