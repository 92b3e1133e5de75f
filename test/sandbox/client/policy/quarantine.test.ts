import test from "ava";
import fc from "fast-check";
import {
  advanceQuarantine,
  FREE,
  type QuarantineEvent,
  type QuarantineState,
} from "../../../../sandbox/client/policy/quarantine.ts";
import { QuarantineBook } from "../../../../sandbox/client/policy/quarantine-book.ts";
import type { QuarantineEntry } from "../../../../sandbox/contract/faults.ts";

const TERM = 100;
const offence = (now: number): QuarantineEvent => ({ type: "offence", reason: "hang", now });
const word = (until: number): QuarantineEvent => ({ type: "word", reason: "crash", until });
const time = (now: number): QuarantineEvent => ({ type: "time", now });

/** Until when it is apart after each event; "!" where that is news. */
function play(...events: readonly QuarantineEvent[]): string[] {
  let state: QuarantineState = FREE;
  return events.map((event) => {
    const next = advanceQuarantine(state, event, TERM);
    ({ state } = next);
    return `${state.type === "free" ? "free" : state.until}${next.isNews ? "!" : ""}`;
  });
}

test("an offence puts it apart for a term, and the next begins the term anew", (t) => {
  t.deepEqual(play(offence(0), time(99), offence(50), time(149), time(150)), [
    "100!",
    "100",
    "150!",
    "150",
    "free",
  ]);
});

test("while offences go on others are told again, but not of each", (t) => {
  t.deepEqual(play(offence(0), offence(10), offence(24), offence(25), offence(30)), [
    "100!",
    "110",
    "124",
    "125!",
    "130",
  ]);
});

test("word of others counts as an offence does, is not passed on, and never shortens the term", (t) => {
  t.deepEqual(play(word(70), word(60), word(90), offence(10)), ["70", "70", "90", "110"]);
  t.deepEqual(play(word(70), offence(0)), ["70", "100!"]);
});

test("property: in any order, it is apart until a term after its last offence at least, and free in the end", (t) => {
  const events = fc.array(
    fc.tuple(fc.constantFrom("offence", "word", "time" as const), fc.nat(300), fc.nat(50)),
  );
  fc.assert(
    fc.property(events, (steps) => {
      let state: QuarantineState = FREE;
      let now = 0;
      let least = 0;
      for (const [type, until, pause] of steps) {
        now += pause;
        const event = { type, now, until: now + until, reason: "hang" } as QuarantineEvent;
        const next = advanceQuarantine(state, event, TERM);
        if (type === "offence") least = Math.max(least, now + TERM);
        if (now < least) t.is(next.state.type, "apart");
        if (next.isNews) t.is(type, "offence");
        ({ state } = next);
      }
      t.is(advanceQuarantine(state, time(now + 1000), TERM).state, FREE);
    }),
  );
});

test("a book knows versions apart, what they are in for and until when; another version is free", (t) => {
  const news: QuarantineEntry[] = [];
  const book = new QuarantineBook(TERM, (entry) => news.push(entry));
  book.offend({ name: "a", version: "1" }, "memory", 5);
  const entry = { policy: "a", version: "1", reason: "memory", until: 105 } as const;
  t.deepEqual([news, book.entries(), book.nextEnd()], [[entry], [entry], 105]);
  t.true(book.isApart({ name: "a", version: "1" }));
  t.false(book.isApart({ name: "a", version: "2" }));

  const other = { policy: "b", version: "1", reason: "hang", until: 50 } as const;
  t.true(book.take([other, entry], 10));
  t.false(book.take([other], 10));
  t.false(book.take([{ ...other, policy: "late" }], 50));
  t.is(news.length, 1);
  t.is(book.nextEnd(), 50);
  t.true(book.expire(50));
  t.false(book.expire(50));
  t.deepEqual(book.entries(), [entry]);
});

test("with a term of 0 nothing is apart", (t) => {
  const book = new QuarantineBook(0);
  book.offend({ name: "a", version: "1" }, "hang", 5);
  t.false(book.take([{ policy: "a", version: "1", reason: "hang", until: 50 }], 0));
  t.deepEqual(book.entries(), []);
});
