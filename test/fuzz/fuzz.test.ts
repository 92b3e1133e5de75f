import test from "ava";
import { readCorpus } from "./harness/corpus.ts";
import { fuzz } from "./harness/fuzz.ts";
import { targets } from "./targets/index.ts";

/**
 * A few hundred inputs for each of what reads what others have written; `FUZZ_RUNS` says how many times as many, and
 * `FUZZ_SEED` repeats a run that failed. Longer: `npx node scripts/fuzz.ts`.
 */
const seed = Number(process.env.FUZZ_SEED ?? Date.now() % 2 ** 31);
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
