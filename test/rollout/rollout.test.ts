import test from "ava";
import fc from "fast-check";
import type { RolloutConfig } from "../../core/config/index.ts";
import { advanceRollout } from "../../core/rollout/rollout.ts";
import type { RolloutEvent, RolloutNews, RolloutState } from "../../core/rollout/rollout-state.ts";
import type { Tally } from "../../sandbox/contract/stats.ts";

const config: RolloutConfig = {
  steps: [0.05, 0.25, 1],
  everyMs: 1000,
  by: { source: "session" },
  minCalls: 100,
  abort: { faults: { share: 0.01, isOver: false }, closes: { share: 0.05, isOver: true }, p99Ms: 5 },
};
const nothing: Tally = { calls: 0, faults: 0, sessions: 0, closes: 0, latency: [] };
const tally = (counts: Partial<Tally>): Tally => ({ ...nothing, ...counts });

function play(...events: readonly RolloutEvent[]) {
  let state: RolloutState = { stable: "v1" };
  const news: RolloutNews[] = [];
  for (const event of events) {
    const step = advanceRollout(state, event);
    state = step.state;
    news.push(...step.news);
  }
  return { state, news, told: news.map(({ what }) => what) };
}

const version = (name: string, { rollout = config, isByHand = false, now = 0 } = {}) =>
  ({ type: "version", version: name, rollout, isByHand, now }) as const;
const atOnce = { ...version("v2"), rollout: undefined };
const clock = (now: number) => ({ type: "clock", now }) as const;
const numbers = (canary: Partial<Tally>, stable: Partial<Tally> = {}, isBroken = false) =>
  ({
    type: "numbers",
    version: "v2",
    canary: tally(canary),
    stable: tally(stable),
    shadow: { calls: 0, differs: 0 },
    isBroken,
  }) as const;
const asShadow = (calls: number, differs: number) => ({ ...numbers({}), shadow: { calls, differs } });
const promote = (to?: number) => ({ type: "promote", to, rollout: config, now: 0 }) as const;
const good = numbers({ calls: 100, sessions: 30 }, { calls: 900, sessions: 300 });

test("a healthy version goes from step to step, each after its time and its calls, and is the stable one in the end", (t) => {
  const { state, news } = play(
    version("v2"),
    clock(5000), // no calls yet
    good,
    clock(5000),
    clock(5999), // the calls of the step before are not those of this one
    good,
    clock(5999),
    clock(6000),
    good,
    clock(9000),
  );
  t.deepEqual(state, { stable: "v2" });
  t.deepEqual(news, [
    { what: "begun", version: "v2", step: 0, share: 0.05 },
    { what: "moved", version: "v2", step: 1, share: 0.25 },
    { what: "finished", version: "v2" },
  ]);
});

test("a version that always fails is taken back at its first step, before it has failed as often as it may be called", (t) => {
  const { state, news } = play(version("v2"), numbers({ calls: 2, faults: 2, sessions: 1 }), clock(1e9));
  t.is(state.stable, "v1");
  t.is(state.canary, undefined);
  t.like(state.takenBack, { version: "v2", rule: "faults", step: 0, share: 0.05 });
  t.like(news.at(-1), { what: "taken back", detail: "2 of 2 calls failed, more than 1%" });
});

test("what it says otherwise as a shadow counts since its first step, and only where it is asked for", (t) => {
  const judged = version("v2", { rollout: { ...config, abort: { shadowDiffs: 0.01 } } });
  const ruleOf = (...events: readonly RolloutEvent[]) => play(judged, ...events).state.takenBack?.rule;
  t.is(ruleOf(asShadow(50, 1)), undefined);
  t.is(ruleOf(asShadow(1, 1), good, clock(1000), asShadow(1, 1)), "shadowDiffs");
  t.is(ruleOf(asShadow(1000, 10)), undefined);
  t.is(ruleOf(asShadow(1000, 11)), "shadowDiffs");
  t.is(play(version("v2"), asShadow(1000, 1000)).state.takenBack, undefined);
});

test("each bound takes it back, and what is just allowed does not", (t) => {
  const ruleOf = (...events: readonly RolloutEvent[]) => play(version("v2"), ...events).state.takenBack?.rule;
  t.is(ruleOf(numbers({ calls: 100, faults: 1 })), undefined);
  t.is(ruleOf(numbers({ calls: 100, faults: 1 }), numbers({ calls: 0, faults: 1 })), "faults");
  // As it fails in the version before, it may fail in this one; one fault of that does not excuse it.
  const over = { ...config, abort: { faults: { share: 0.01, isOver: true } } };
  const withOver = (...each: Parameters<typeof numbers>) =>
    play(version("v2", { rollout: over }), numbers(...each)).state.takenBack?.rule;
  t.is(withOver({ calls: 3, faults: 2 }, { calls: 1000, faults: 20 }), undefined);
  t.is(withOver({ calls: 9, faults: 9 }, { calls: 1, faults: 1 }), "faults");
  // Two of twenty are 10 %: the version before has 5 % anyway.
  t.is(ruleOf(numbers({ sessions: 20, closes: 2 }, { sessions: 100, closes: 5 })), undefined);
  t.is(ruleOf(numbers({ sessions: 20, closes: 3 }, { sessions: 100, closes: 5 })), "closes");
  t.is(ruleOf(numbers({ sessions: 1, closes: 1 })), undefined);
  const slow = (ms: number, calls = 100) => ({ calls, latency: [[1, calls - 2] as const, [ms, 2] as const] });
  t.is(ruleOf(numbers(slow(6), slow(1))), undefined);
  t.is(ruleOf(numbers(slow(6.1), slow(1))), "p99");
  t.is(ruleOf(numbers(slow(60), slow(1, 99))), undefined);
  t.is(ruleOf(numbers({}, {}, true)), "breaker");
  const offence = { type: "offence", version: "v2", harm: { rule: "host", detail: "hang" } } as const;
  t.is(ruleOf(offence), "host");
  t.is(ruleOf({ ...offence, version: "v1" }), undefined);
});

test("what was taken back is not tried again, until the file changes or an operator says so", (t) => {
  const harmed = [version("v2"), { type: "abort" }] as const;
  t.deepEqual(play(...harmed, version("v2")).told, ["begun", "taken back"]);
  t.is(play(...harmed, atOnce).state.stable, "v1");
  t.deepEqual(play(...harmed, version("v1")).state, { stable: "v1" });
  t.like(play(...harmed, version("v3")).state, { stable: "v1", canary: { version: "v3", step: 0 } });
  t.like(play(...harmed, promote()).state, { stable: "v1", canary: { version: "v2", step: 0, share: 0.05 } });
  t.deepEqual(play(...harmed, promote(1)).state, { stable: "v2" });
});

test("a newer version takes the place of one on its way, from the first step; the stable one ends it", (t) => {
  const moved = [version("v2"), promote()] as const;
  t.like(play(...moved).state, { canary: { version: "v2", share: 0.25 } });
  const newer = play(...moved, version("v3"));
  t.like(newer.state, { stable: "v1", canary: { version: "v3", share: 0.05 } });
  t.deepEqual(newer.told, ["begun", "moved", "given up", "begun"]);
  t.deepEqual(play(...moved, version("v1")).state, { stable: "v1" });
  t.deepEqual(play(...moved, version("v0", { isByHand: true })).state, { stable: "v0" });
  t.deepEqual(play(...moved, { type: "gone" }).state, { stable: "v1" });
  t.deepEqual(play(atOnce).state, { stable: "v2" });
});

test("while it is paused it does not move on, and is taken back all the same", (t) => {
  const paused = [version("v2"), good, { type: "pause" }, clock(5000)] as const;
  t.deepEqual(play(...paused).told, ["begun", "paused"]);
  t.deepEqual(play(...paused, { type: "resume", now: 6000 }, clock(6999)).told.at(-1), "resumed");
  t.deepEqual(play(...paused, { type: "resume", now: 6000 }, clock(7000)).told.at(-1), "moved");
  t.deepEqual(play(...paused, numbers({ faults: 9 })).told.at(-1), "taken back");
});

test("another config changes the way, and shrinks no share; without one the version is for all", (t) => {
  const change = (rollout: RolloutConfig | undefined) => ({ type: "config", rollout, now: 0 }) as const;
  const moved = [version("v2"), promote()] as const;
  t.like(play(...moved, change({ ...config, steps: [0.1, 0.5] })).state.canary, { step: 0, share: 0.25 });
  t.like(play(...moved, change({ ...config, steps: [0.4, 1] })).state.canary, { step: 0, share: 0.4 });
  t.deepEqual(play(...moved, change(undefined)).state, { stable: "v2" });
  const paused = [...moved, { type: "pause" }] as const;
  for (const rollout of [undefined, { ...config, steps: [1] }])
    t.like(play(...paused, change(rollout)).state, { stable: "v1", canary: { share: 0.25, isPaused: true } });
});

test("steps that end below 100% wait there for an operator", (t) => {
  const rollout = { ...config, steps: [0.05, 0.25] };
  const far = play(version("v2", { rollout }), good, clock(1000), good, clock(1e6));
  t.like(far.state.canary, { step: 1, share: 0.25 });
  t.deepEqual(advanceRollout(far.state, promote()).state, { stable: "v2" });
});

test("in any order: a share never shrinks, and what was taken back stays so until the file or an operator changes it", (t) => {
  const name = fc.constantFrom("v1", "v2", "v3");
  const event: fc.Arbitrary<RolloutEvent> = fc.oneof(
    name.map((each) => version(each)),
    name.map((each) => ({ ...good, version: each })),
    name.map((each) => ({ ...numbers({ calls: 9, faults: 9 }), version: each })),
    fc.constantFrom(0, 5000, 1e9).map(clock),
    fc.constantFrom<RolloutEvent>(
      promote(),
      { type: "abort" },
      { type: "pause" },
      { type: "resume", now: 0 },
      { type: "gone" },
    ),
  );
  fc.assert(
    fc.property(fc.array(event, { maxLength: 40 }), (events) => {
      let state: RolloutState = { stable: "v1" };
      for (const each of events) {
        const { state: next, news } = advanceRollout(state, each);
        const [before, after] = [state.canary, next.canary];
        if (before !== undefined && after?.version === before.version && after.share < before.share)
          return false;
        if (after?.version === next.stable || next.takenBack?.version === next.stable) return false;
        if (after !== undefined && next.takenBack !== undefined) return false;
        const mayTry = each.type === "version" || each.type === "promote";
        if (before === undefined && after !== undefined && !mayTry) return false;
        // Whatever changes what sessions have is told, for it is planned anew then.
        const isOther = before?.version !== after?.version || before?.share !== after?.share;
        if (isOther && news.length === 0) return false;
        state = next;
      }
      return true;
    }),
  );
  t.pass();
});
