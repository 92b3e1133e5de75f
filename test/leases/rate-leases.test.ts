import test, { type ExecutionContext } from "ava";
import fc from "fast-check";
import { RateLeases } from "../../core/leases/rate-leases.ts";
import {
  type AskBook,
  type Claim,
  LEASE_MS,
  type Lease,
  MAX_KEYS,
  RateBook,
  type RateKey,
  type Refill,
} from "../../sandbox/index.ts";
import { testRateContract } from "../fleet/rates/rate-contract.ts";

const SLOW: Refill = { most: 4, everyMs: 250 };
/** A lease of it is 10. */
const FAST: Refill = { most: 100, everyMs: 10 };

/** Full again in a lease's time: what is leased comes on top soon. */
const SMALL: Refill = { most: 20, everyMs: 5 };

const keyOf = (refill: Refill, key = "k"): RateKey => ({ space: "s", key, refill, onStoreLoss: "local" });
const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Some processes, and the one book that they ask; nothing is answered before `answer`. */
function createWorkers(count: number) {
  let now = 1_000;
  const read = (): number => now;
  const book = new RateBook(read);
  const asked: Claim[][] = [];
  let open: (() => void)[] = [];
  const leases = Array.from(
    { length: count },
    () =>
      new RateLeases((claims) => {
        asked.push([...claims]);
        return new Promise((resolve) => open.push(() => resolve(claims.map((claim) => book.lease(claim)))));
      }, read),
  );
  const worker = (index: number) => leases[index] as RateLeases;
  return {
    book,
    asked,
    worker,
    pass(ms: number) {
      now += ms;
    },
    /** Until nothing is asked any more. */
    async answer() {
      await turn();
      while (open.length > 0) {
        const answers = open;
        open = [];
        for (const answer of answers) answer();
        // What an answer leads to is asked in the turn after it.
        await turn();
        await turn();
      }
    },
  };
}

type Workers = ReturnType<typeof createWorkers>;

/** How many of so many are let in, at once. */
async function enter(
  workers: Workers,
  index: number,
  tries: number,
  { refill = SLOW, leasesAhead = false }: { readonly refill?: Refill; readonly leasesAhead?: boolean } = {},
) {
  const taken = Array.from({ length: tries }, () =>
    Promise.resolve(workers.worker(index).take(keyOf(refill), leasesAhead)),
  );
  await workers.answer();
  return (await Promise.all(taken)).filter(({ granted }) => granted === 1).length;
}

async function wait(workers: Workers, index: number) {
  const lease = workers.worker(index).take(keyOf(SLOW), false);
  await workers.answer();
  return (await lease).waitMs;
}

test("alone: all of it at once, then one each time", async (t) => {
  const workers = createWorkers(1);
  t.is(await enter(workers, 0, 10), 4);
  t.is(await wait(workers, 0), 250);
  workers.pass(249);
  t.is(await wait(workers, 0), 1);
  workers.pass(1);
  t.is(await enter(workers, 0, 10), 1);
  workers.pass(625);
  t.is(await enter(workers, 0, 10), 2);
  // Half of one was there: it is not lost.
  workers.pass(125);
  t.is(await enter(workers, 0, 10), 1);
  workers.pass(10_000);
  t.is(await enter(workers, 0, 10), 4);
});

test("several that all ask in one moment get what there is, and not one more", async (t) => {
  const workers = createWorkers(4);
  const taken = Array.from({ length: 40 }, (_, n) =>
    Promise.resolve(workers.worker(n % 4).take(keyOf(SLOW), false)),
  );
  await workers.answer();
  t.is((await Promise.all(taken)).filter(({ granted }) => granted === 1).length, 4);
  t.is(workers.asked.length, 4, "one question of each");
  workers.pass(500);
  t.deepEqual([await enter(workers, 3, 5), await enter(workers, 0, 5)], [2, 0]);
});

test("who has been told that there is none is not asked for again before there is one", async (t) => {
  const workers = createWorkers(1);
  await enter(workers, 0, 5);
  const { length } = workers.asked;
  t.is(await enter(workers, 0, 100), 0);
  t.is(workers.asked.length, length);
  // Of what fills slowly somebody may have given something back.
  const slow = { ...keyOf({ most: 1, everyMs: 60_000 }), key: "slow" };
  const take = async () => {
    const lease = workers.worker(0).take(slow, false);
    await workers.answer();
    return lease;
  };
  await take();
  t.is((await take()).waitMs, 60_000);
  workers.pass(999);
  const asked = workers.asked.length;
  t.is((await take()).waitMs, 59_001);
  t.is(workers.asked.length, asked);
  workers.book.lease({ ...slow, count: -1, ahead: 0 });
  workers.pass(1);
  t.is((await take()).granted, 1);
});

test("who comes while an answer is on its way waits for the next one, in turn", async (t) => {
  const workers = createWorkers(1);
  const first = workers.worker(0).take(keyOf(SLOW), false);
  await turn();
  const later = [1, 2, 3, 4].map(() => workers.worker(0).take(keyOf(SLOW), false));
  await workers.answer();
  const taken = await Promise.all([first, ...later]);
  t.deepEqual(
    taken.map(({ granted }) => granted),
    [1, 1, 1, 1, 0],
  );
  t.deepEqual(
    workers.asked.map(([claim]) => claim?.count),
    [1, 4],
  );
});

test("keys of one loop turn go in one message", async (t) => {
  const workers = createWorkers(1);
  for (const key of ["a", "b", "c", "a"]) void workers.worker(0).take(keyOf(SLOW, key), false);
  await turn();
  t.deepEqual(
    workers.asked.map((claims) => claims.map(({ key, count }) => `${key} ${count}`)),
    [["a 2", "b 1", "c 1"]],
  );
});

test("what is taken again and again is leased ahead, as much as goes here, and asked for before it runs out", async (t) => {
  const workers = createWorkers(1);
  const ahead = () => workers.asked.at(-1)?.[0]?.ahead;
  t.is(await enter(workers, 0, 8, { refill: FAST, leasesAhead: true }), 8);
  t.is(workers.asked[0]?.[0]?.ahead, 0, "the first may be the last");
  t.is(await enter(workers, 0, 1, { refill: FAST, leasesAhead: true }), 1);
  t.is(ahead(), 8);
  const isSync = () => !(workers.worker(0).take(keyOf(FAST), true) instanceof Promise);
  t.deepEqual(Array.from({ length: 3 }, isSync), Array(3).fill(true));
  await turn();
  t.is(workers.asked.length, 2);
  t.true(isSync());
  await turn();
  t.like(workers.asked[2]?.[0], { count: 0, ahead: 10 }, "a tenth of a second's worth at most");
  await workers.answer();
  workers.pass(3 * LEASE_MS);
  await enter(workers, 0, 1, { refill: FAST, leasesAhead: true });
  await enter(workers, 0, 1, { refill: FAST, leasesAhead: true });
  t.is(ahead(), 1, "what went long ago does not count");
});

test("what was leased ahead is not spent later than a tenth of a second, and goes back", async (t) => {
  const workers = createWorkers(2);
  await enter(workers, 0, 9, { refill: FAST, leasesAhead: true });
  await enter(workers, 0, 1, { refill: FAST, leasesAhead: true });
  workers.pass(LEASE_MS + 1);
  workers.worker(0).lapse();
  await workers.answer();
  t.like(workers.asked.at(-1)?.[0], { count: -9, ahead: 0 });
  // All is there again, for the other.
  t.is(await enter(workers, 1, 200, { refill: FAST }), 100);
  t.is(await enter(workers, 0, 1, { refill: FAST }), 0);
});

test("keys that are full again are forgotten; of too many the oldest goes, and is counted", async (t) => {
  const workers = createWorkers(1);
  for (let n = 0; n < MAX_KEYS + 10; n++) void workers.worker(0).take(keyOf(SLOW, `${n}`), false);
  await workers.answer();
  t.is(workers.worker(0).size, MAX_KEYS);
  t.deepEqual([workers.book.size, workers.book.forgotten], [MAX_KEYS, 10]);
  workers.pass(60_000);
  await enter(workers, 0, 1);
  t.deepEqual([workers.worker(0).size, workers.book.size, workers.book.forgotten], [1, 1, 10]);
});

test("a book that does not answer lets nobody in", async (t) => {
  const leases = new RateLeases(() => Promise.reject(new Error("gone")));
  t.is((await leases.take(keyOf(SLOW), true)).granted, 0);
});

/** What may happen: someone takes at a worker, or time passes. */
const steps = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: fc.record({ worker: fc.nat(3), tries: fc.integer({ min: 1, max: 40 }) }) },
    { weight: 3, arbitrary: fc.record({ ms: fc.integer({ min: 1, max: 150 }) }) },
  ),
  { maxLength: 80 },
);

for (const leasesAhead of [false, true]) {
  const what = leasesAhead ? "with leases ahead, no more than a tenth of a second's worth more" : "exactly";
  test(`over any time no more come in than burst and rate allow: ${what}`, async (t) => {
    await fc.assert(
      fc.asyncProperty(steps, async (script) => {
        const workers = createWorkers(4);
        const admitted: number[] = [];
        let now = 0;
        for (const step of script) {
          if ("ms" in step) {
            now += step.ms;
            workers.pass(step.ms);
            for (const index of [0, 1, 2, 3]) workers.worker(index).lapse();
            await workers.answer();
          } else {
            const count = await enter(workers, step.worker, step.tries, { refill: SMALL, leasesAhead });
            for (let n = 0; n < count; n++) admitted.push(now);
          }
        }
        failAbove(t, admitted, leasesAhead ? LEASE_MS : 0);
      }),
      { numRuns: 60, seed: 13 },
    );
    t.pass();
  });
}

test("three hundred that each take little leave little of a limit unused, and keep nothing that comes on top", async (t) => {
  const refill = { most: 1_000, everyMs: 0.1 };
  const workers = createWorkers(300);
  const rounds = 24;
  let admitted = 0;
  for (let round = 0; round < rounds; round++) {
    workers.pass(25);
    const taken = Array.from({ length: 300 }, (_, index) =>
      Promise.resolve(workers.worker(index).take(keyOf(refill), true)),
    );
    for (let index = 0; index < 300; index++) workers.worker(index).lapse();
    await workers.answer();
    admitted += (await Promise.all(taken)).filter(({ granted }) => granted === 1).length;
  }
  // 300 each time is more than the 250 that fill in it.
  const allowed = refill.most + (rounds * 25) / refill.everyMs;
  t.true(admitted > 0.8 * allowed && admitted <= allowed, `${admitted} of ${allowed}`);
  const onTop = await enter(workers, 0, 5_000, { refill, leasesAhead: true });
  t.true(onTop <= LEASE_MS / refill.everyMs, `${onTop}`);
});

/** Nodes with two workers each; what nodes lease from the one book they lease to their workers. */
function createFleet(nodes: number, read: () => number) {
  const book = new RateBook(read);
  const all: RateLeases[] = [];
  const open = (askBook: AskBook): RateLeases => {
    const leases = new RateLeases(askBook, read);
    all.push(leases);
    return leases;
  };
  const workers = Array.from({ length: nodes }, () => {
    const node = open(async (claims) => claims.map((claim) => book.lease(claim)));
    return [1, 2].map(() => open((claims) => Promise.all(claims.map((claim) => node.claim(claim)))));
  }).flat();
  const settle = async () => {
    for (let n = 0; n < 12; n++) await turn();
  };
  return {
    workers,
    settle,
    /** What was not spent in time goes back, from the workers first. */
    async lapse() {
      for (const leases of all.toReversed()) leases.lapse();
      await settle();
    },
  };
}

for (const [leasesAhead, levels] of [
  [false, 1],
  [true, 2],
] as const) {
  const what = leasesAhead ? "takes of policies: two tenths" : "upgrades: one tenth";
  test(`over a fleet no more come in than the limit and ${what} of a second's worth`, async (t) => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 5 }),
        fc.array(fc.record({ at: fc.nat(9), tries: fc.nat(40), ms: fc.nat(60) }), { maxLength: 60 }),
        async (nodes, script) => {
          let now = 0;
          const fleet = createFleet(nodes, () => now);
          const admitted: number[] = [];
          for (const { at, tries, ms } of script) {
            now += ms;
            await fleet.lapse();
            const worker = fleet.workers[at % fleet.workers.length] as RateLeases;
            const taken = Array.from({ length: tries }, () =>
              Promise.resolve(worker.take(keyOf(SMALL), leasesAhead)),
            );
            await fleet.settle();
            const count = (await Promise.all(taken)).filter(({ granted }) => granted === 1).length;
            for (let n = 0; n < count; n++) admitted.push(now);
          }
          failAbove(t, admitted, levels * LEASE_MS);
        },
      ),
      { numRuns: 60, seed: 13 },
    );
    t.pass();
  });
}

/** In no time may more come in than what there is at once, what fills in it, and what fills in `moreMs`. */
function failAbove(t: ExecutionContext, admitted: readonly number[], moreMs: number): void {
  admitted.forEach((begin, first) => {
    for (let last = first; last < admitted.length; last++) {
      const allowed = SMALL.most + ((admitted[last] as number) - begin + moreMs) / SMALL.everyMs;
      if (last - first + 1 > allowed + 1e-6) t.fail(`${last - first + 1} came in, ${allowed} may`);
    }
  });
}

test("the book in memory", async (t) => {
  const book = new RateBook();
  await testRateContract(t, async (claims) => claims.map((claim) => book.lease(claim)));
});

test("a lease is a share of what is there: the rest is for others", (t) => {
  const book = new RateBook(() => 0);
  const claim = (count: number, ahead: number): Lease => book.lease({ ...keyOf(FAST), count, ahead });
  t.is(claim(1, 90).granted, 50);
  t.is(claim(1, 10).granted, 11);
  t.is(claim(39, 10).granted, 39);
  t.like(claim(5, 10), { granted: 0, waitMs: 10 });
});
