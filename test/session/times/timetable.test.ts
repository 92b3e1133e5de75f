import test from "ava";
import type { Moment } from "../../../core/session/times/due.ts";
import { Timetable } from "../../../core/session/times/timetable.ts";

/** The time of day is so much later than the machine's. */
const DAY = 1_800_000_000_000;
const at = (machine: number, jump = 0): Moment => ({ machine, day: DAY + machine + jump });
const NEVER = Number.POSITIVE_INFINITY;

test("a connection ends at the earliest expiry, which renewals of that use put off", (t) => {
  const terms = [
    { use: "a", expires: DAY + 1000 },
    { use: "b", expires: DAY + 5000 },
  ];
  const times = new Timetable(terms, new Map(), at(0));
  t.is(times.take(at(999), false).expired, undefined);
  times.renew("b", { expires: DAY + 9000 }, at(999));
  t.deepEqual(times.take(at(1000), false).expired, { at: DAY + 1000, use: "a" });
  times.renew("a", { expires: DAY + 20_000 }, at(999));
  t.is(times.expires, DAY + 9000);
  t.deepEqual(times.take(at(1000), false), { expired: undefined, ticks: [], renewals: [], next: 9000 });
  t.true(times.expiresBy("a"));
  t.false(times.expiresBy("c"));
});

test("the time of day is looked at each minute, for it can be set", (t) => {
  const times = new Timetable([{ use: "a", expires: DAY + 3_600_000 }], new Map(), at(0));
  t.is(times.take(at(0), false).next, 60_000);
  t.deepEqual(times.take(at(60_000, 3_600_000), false).expired, { at: DAY + 3_600_000, use: "a" });
});

test("what is due comes once: a tick until it has settled, a renewal until another time is said", (t) => {
  const terms = [{ use: "a", renewAt: DAY + 300 }];
  const times = new Timetable(
    terms,
    new Map([
      ["a", 100],
      ["b", 250],
    ]),
    at(0),
  );
  t.deepEqual(times.take(at(130), false), {
    expired: undefined,
    ticks: [{ use: "a", late: 30 }],
    renewals: [],
    next: 250,
  });
  t.deepEqual(times.take(at(310), false), {
    expired: undefined,
    ticks: [{ use: "b", late: 60 }],
    renewals: ["a"],
    next: NEVER,
  });
  times.tick("a", { type: "settled", tick: undefined }, at(320));
  t.is(times.take(at(320), false).next, 400);
  times.renew("a", { renewAt: DAY + 350, tick: { in: 5000 } }, at(330));
  t.is(times.take(at(330), false).next, 350);
});

test("while the session is held up no tick begins, and what else is due goes on", (t) => {
  const terms = [{ use: "a", renewAt: DAY + 100, expires: DAY + 10_000 }];
  const times = new Timetable(terms, new Map([["a", 100]]), at(0));
  t.deepEqual(times.take(at(100), true), { expired: undefined, ticks: [], renewals: ["a"], next: 300 });
  t.deepEqual(times.take(at(300), false).ticks, [{ use: "a", late: 200 }]);
});

test("of a use that the chain has no more its ticks end, and its expiry stays", (t) => {
  const terms = [
    { use: "a", expires: DAY + 1000, tick: { in: 10 } },
    { use: "gone", tick: { in: 5 } },
  ];
  const times = new Timetable(terms, new Map([["a", undefined]]), at(0));
  t.is(times.take(at(0), false).next, 10);
  times.setIntervals(new Map(), at(5));
  t.deepEqual(times.take(at(50), false), { expired: undefined, ticks: [], renewals: [], next: 1000 });
});

test("a verdict of upgrade goes over the interval", (t) => {
  const intervals = new Map([
    ["a", 100],
    ["b", 100],
  ]);
  const terms = [
    { use: "a", tick: false as const },
    { use: "b", tick: { in: 700 } },
  ];
  t.is(new Timetable(terms, intervals, at(0)).take(at(0), false).next, 700);
});

test("times in the past, said again and again, come 50 ms after the last call at the earliest", (t) => {
  const terms = [{ use: "a", renewAt: 1, tick: { in: 0 } }];
  const times = new Timetable(terms, new Map([["a", undefined]]), at(0));
  const calls = [];
  for (let machine = 0; machine < 200; machine++) {
    const { ticks, renewals } = times.take(at(machine), false);
    for (const { use } of ticks) {
      calls.push(["tick", machine]);
      times.tick(use, { type: "settled", tick: { at: 1 } }, at(machine));
    }
    for (const use of renewals) {
      calls.push(["renew", machine]);
      times.renew(use, { renewAt: 1 }, at(machine));
    }
  }
  t.deepEqual(
    calls,
    [0, 50, 100, 150].flatMap((machine) => [
      ["tick", machine],
      ["renew", machine],
    ]),
  );
  t.is(times.take(at(151), false).next, 200, "and nobody looks sooner");
});

test("a use whose options are others goes on with the times of the one before, whatever is under way", (t) => {
  const terms = [{ use: "p\n1", expires: DAY + 1000, renewAt: DAY + 300, tick: { in: 10 } }];
  const ticking = (...uses: string[]) => new Map(uses.map((use) => [use, undefined]));
  const times = new Timetable(terms, ticking("p\n1"), at(0), ["q\n1", "p\n1"]);
  t.deepEqual(times.take(at(10), false).ticks, [{ use: "p\n1", late: 0 }]);
  const change = (...uses: string[]) => {
    times.follow(uses);
    times.setIntervals(ticking(...uses), at(20));
  };
  change("q\n2", "p\n2");
  change("p\n3", "q\n2");
  t.is(times.useNow("p\n1"), "p\n3");
  times.tick("p\n1", { type: "settled", tick: { in: 80 } }, at(20));
  t.deepEqual(times.take(at(100), false), {
    ...{ expired: undefined, renewals: [], next: 300 },
    ticks: [{ use: "p\n3", late: 0 }],
  });
  t.deepEqual(times.take(at(300), false).renewals, ["p\n3"]);
  times.renew("p\n3", { expires: DAY + 5000 }, at(300));
  t.is(times.expires, DAY + 5000);
  // Back to what it was, and out of the chain for good: it still ends the connection.
  change("p\n1");
  times.tick("p\n2", { type: "settled", tick: false }, at(310));
  t.true(times.expiresBy("p\n1"));
  change("q\n1");
  t.is(times.expires, DAY + 5000);
});

test("of several uses of a policy those that stay keep their times, and the others are followed in order", (t) => {
  const terms = [
    { use: "p\n1", expires: DAY + 1000 },
    { use: "p\n2", expires: DAY + 2000 },
  ];
  const times = new Timetable(terms, new Map(), at(0), ["p\n0", "p\n1", "p\n2"]);
  times.follow(["p\n2", "p\n4", "p\n5"]);
  t.deepEqual(
    ["p\n0", "p\n1", "p\n2"].map((use) => times.useNow(use)),
    ["p\n4", "p\n5", "p\n2"],
  );
  times.renew("p\n5", { expires: DAY + 9000 }, at(1));
  t.is(times.expires, DAY + 2000);
});
