import test from "ava";
import { type Lease, MAX_KEYS, RateBook, type Spending } from "../../core/leases/rate-book.ts";
import { RateLeases } from "../../core/leases/rate-leases.ts";

const refill = { most: 4, everyMs: 250 };

/** Some processes, and the one book that they settle with; nothing is settled before `settle`. */
function createWorkerPool(sharers: number) {
  let now = 1_000;
  const read = (): number => now;
  const told: (readonly Lease[])[] = [];
  const book = new RateBook((empty) => told.push(empty), read);
  const open: { spendings: readonly Spending[]; answer(): void }[] = [];
  const leases = Array.from(
    { length: sharers },
    () =>
      new RateLeases(
        sharers,
        (spendings) =>
          new Promise((resolve) => {
            open.push({ spendings, answer: () => resolve(book.settle(spendings)) });
          }),
        read,
      ),
  );
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  return {
    book,
    open,
    leases,
    /** How many of so many tries are let in at this process. */
    enter(process: number, tries: number, key = "k"): number {
      const waits = Array.from({ length: tries }, () => leases[process]!.take(key, refill));
      return waits.filter((wait) => wait === 0).length;
    },
    wait: (process: number, key = "k") => leases[process]!.take(key, refill),
    async settle() {
      await turn();
      for (const { answer } of open.splice(0)) {
        answer();
        await turn();
        for (const empty of told.splice(0)) for (const each of leases) each.hear(empty);
      }
    },
    pass(ms: number) {
      now += ms;
    },
  };
}

test("alone: all of it at once, then one each time", async (t) => {
  const { enter, wait, settle, pass } = createWorkerPool(1);
  t.is(enter(0, 10), 4);
  await settle();
  t.is(wait(0), 250);
  pass(249);
  t.is(wait(0), 1);
  pass(1);
  t.is(enter(0, 10), 1);
  await settle();
  pass(10_000);
  t.is(enter(0, 10), 4);
});

test("what was used up fills again without another word, as far as time has passed", async (t) => {
  const alone = createWorkerPool(1);
  t.is(alone.enter(0, 10), 4);
  await alone.settle();
  alone.pass(625);
  t.is(alone.enter(0, 10), 2);
  await alone.settle();
  // Half of one was there: it is not lost.
  alone.pass(125);
  t.is(alone.enter(0, 10), 1);
  await alone.settle();
  alone.pass(1000);
  t.is(alone.enter(0, 10), 4);

  const { enter, settle, pass } = createWorkerPool(2);
  for (const process of [0, 0, 0, 1, 1]) {
    enter(process, 10);
    await settle();
  }
  pass(750);
  t.deepEqual([enter(0, 10), enter(1, 10)], [2, 2]);
});

test("of several each begins with its share, and has what the book has left from then on", async (t) => {
  const { enter, settle, wait } = createWorkerPool(2);
  t.is(enter(0, 10), 2);
  await settle();
  // The other has not come for its own: half of what is left.
  t.is(enter(0, 10), 1);
  await settle();
  t.is(enter(0, 10), 1);
  await settle();
  // It has not met the key before, and has heard of it.
  t.is(enter(1, 10), 0);
  t.deepEqual([wait(0), wait(1)], [250, 250]);
});

test("each of them at a time, as many come in as there may", async (t) => {
  const { enter, settle } = createWorkerPool(3);
  let entered = 0;
  for (let n = 0; n < 12; n++) {
    entered += enter(n % 3, 1);
    await settle();
  }
  t.is(entered, 4);
});

test("what they let in beyond it while they had not settled comes off what is next", async (t) => {
  const { enter, settle, pass, wait } = createWorkerPool(4);
  for (const process of [0, 1, 2, 3]) t.is(enter(process, 3), 1);
  await settle();
  t.deepEqual(
    [0, 1, 2, 3].map((process) => wait(process)),
    [250, 250, 250, 250],
  );
  pass(250);
  // There is one, and each thinks it is its own.
  for (const process of [0, 1, 2, 3]) t.is(enter(process, 3), 1);
  await settle();
  t.deepEqual(
    [0, 1, 2, 3].map((process) => wait(process)),
    [1000, 1000, 1000, 1000],
  );
});

test("in the long run as many come in as there may, however the tries are spread", async (t) => {
  const { enter, settle, pass } = createWorkerPool(3);
  let entered = 0;
  for (let step = 0; step < 400; step++) {
    entered += enter(step % 3, 2) + enter((step * 7) % 3, 1);
    await settle();
    pass(50);
  }
  // 20 s: 80, and what may come at once.
  t.true(entered >= 80 && entered <= 80 + 4 + 2, String(entered));
});

test("what comes in while an answer is on its way is asked for once more, all of it together", async (t) => {
  const { enter, open, settle, book } = createWorkerPool(1);
  enter(0, 1);
  await new Promise((resolve) => setImmediate(resolve));
  t.is(enter(0, 2), 2);
  await new Promise((resolve) => setImmediate(resolve));
  t.deepEqual(
    open.flatMap(({ spendings }) => spendings.map(({ count }) => count)),
    [1],
  );
  await settle();
  t.is(enter(0, 2), 1);
  await settle();
  await settle();
  t.is(book.settle([{ key: "k", refill, count: 0 }])[0]?.fullInMs, 1000);
});

test("keys of one loop turn go in one message", async (t) => {
  const { enter, open } = createWorkerPool(1);
  for (const key of ["a", "b", "c", "a"]) enter(0, 1, key);
  await new Promise((resolve) => setImmediate(resolve));
  t.deepEqual(
    open.map(({ spendings }) => spendings.map(({ key }) => key)),
    [["a", "b", "c"]],
  );
});

test("keys that are full again are forgotten; of too many the oldest goes, and is counted", async (t) => {
  const { enter, leases, book, settle, pass } = createWorkerPool(1);
  for (let n = 0; n < MAX_KEYS + 10; n++) enter(0, 1, `${n}`);
  t.is(leases[0]!.size, MAX_KEYS);
  // What the forgotten ones let in is settled as well.
  await settle();
  t.is(book.size, MAX_KEYS);
  t.is(book.forgotten, 10);
  pass(60_000);
  enter(0, 1);
  await settle();
  t.deepEqual([leases[0]!.size, book.size, book.forgotten], [1, 1, 10]);
});
