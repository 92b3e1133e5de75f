import test from "ava";
import { OptionChecks } from "../../core/gateway/option-checks.ts";
import type { Options } from "../../policies/options/checked-options.ts";

function startAsking(answerTo: (options: Options) => Promise<Options>) {
  const asked: Options[] = [];
  const checks = new OptionChecks(async (_schema, options) => {
    asked.push(options);
    return { options: await answerTo(options) };
  });
  return { asked, checks };
}

test("a pair is asked about once for as long as plans use it, and without a schema never", async (t) => {
  const { asked, checks } = startAsking(async (options) => ({ ...options, filled: true }));
  const plan = (...all: readonly Options[]) =>
    checks.settle((check) => [check(undefined, { free: 1 }), ...all.map((options) => check({}, options))]);
  const filled = (options: Options) => ({ options: { ...options, filled: true } });
  const free = { options: { free: 1 } };

  t.deepEqual(await plan({ a: 1 }, { a: 1 }, { a: 2 }), [
    free,
    filled({ a: 1 }),
    filled({ a: 1 }),
    filled({ a: 2 }),
  ]);
  t.deepEqual(asked, [{ a: 1 }, { a: 2 }]);
  t.deepEqual(await plan({ a: 2 }), [free, filled({ a: 2 })]);
  t.is(asked.length, 2);
  // Nobody has used it meanwhile.
  await plan({ a: 1 });
  t.is(asked.length, 3);
});

test("what a plan asks because of an answer is asked too", async (t) => {
  const { checks } = startAsking(async (options) => ({ ...options, filled: true }));
  const result = await checks.settle((check) => {
    const first = check({}, { a: 1 });
    return "options" in first && first.options.filled === true ? check({}, { b: 1 }) : first;
  });
  t.deepEqual(result, { options: { b: 1, filled: true } });
});

test("what could not be asked is a problem of this plan, and asked again by the next", async (t) => {
  let isBroken = true;
  const { checks } = startAsking(async (options) => {
    if (isBroken) throw new Error("no host");
    return options;
  });
  const plan = () => checks.settle((check) => check({}, { a: 1 }));
  t.deepEqual(await plan(), { problem: "its `optionsSchema` cannot be used: no host" });
  isBroken = false;
  t.deepEqual(await plan(), { options: { a: 1 } });
});
