import test, { type ExecutionContext } from "ava";
import fc from "fast-check";
import { openAccount, type Settle } from "../../../core/leases/settled/account.ts";
import { BucketBook } from "../../../core/leases/settled/bucket-book.ts";
import { MACHINE_PACE, Settlements, WORKER_PACE } from "../../../core/leases/settled/settlements.ts";
import { testLevelContract } from "../../fleet/rates/rate-contract.ts";

interface Plan {
  readonly burst: number;
  /** Whether the limit is one of messages or of bytes, of which each message has ten. */
  readonly counts: "messages" | "bytes";
  readonly machines: number;
  /** Of each machine. */
  readonly workers: number;
  /** Milliseconds on the way to the book, or back, one after the other. */
  readonly delays: readonly number[];
  /** Which workers are sent a message in a millisecond, one after the other. */
  readonly arrivals: readonly (readonly number[])[];
}

const PER_MS = 1_000;
const BYTES = 10;
const RUNS = 15;

/** As many milliseconds of machines, of which each has its book, and one of all if there are several. */
async function run(plan: Plan, milliseconds: number) {
  const { burst, counts, delays, arrivals } = plan;
  const limit = {
    messages: counts === "messages" ? burst : 0,
    bytes: counts === "bytes" ? burst * BYTES : 0,
    perMs: PER_MS,
  };
  let now = 0;
  const read = () => now;
  const due = new Map<number, (() => void)[]>();
  const after = (ms: number, act: () => void) => {
    const at = now + Math.max(1, Math.ceil(ms));
    due.set(at, [...(due.get(at) ?? []), act]);
  };
  let sent = 0;
  const onItsWay = () => new Promise<void>((resolve) => after(delays[sent++ % delays.length] ?? 0, resolve));
  const over = (book: BucketBook): Settle => {
    return async (settlements) => {
      await onItsWay();
      const levels = settlements.map((settlement) => book.settle(settlement));
      await onItsWay();
      return levels;
    };
  };
  const fleet = new BucketBook(undefined, read);
  const join = () =>
    new BucketBook(
      plan.machines === 1
        ? undefined
        : new Settlements({ settle: over(fleet), pace: MACHINE_PACE, read, after }),
      read,
    );
  const books = Array.from({ length: plan.machines }, join);
  const workers = books.flatMap((book) =>
    Array.from({ length: plan.workers }, () => ({
      account: openAccount("k", limit, now),
      settlements: new Settlements({ settle: over(book), pace: WORKER_PACE, read, after }),
    })),
  );
  let admitted = 0;
  let most = 0;
  for (; now < milliseconds; now++) {
    const acts = due.get(now);
    due.delete(now);
    for (const act of acts ?? []) act();
    if (acts !== undefined) for (let n = 0; n < 8; n++) await undefined;
    for (const index of arrivals[now % arrivals.length] ?? []) {
      const worker = workers[index % workers.length];
      if (worker?.account.bucket.tryTake(now, 1, BYTES) !== true) continue;
      worker.settlements.add(worker.account, 1, BYTES);
      admitted++;
    }
    most = Math.max(most, admitted - (now * burst) / PER_MS);
  }
  /** Beyond what fills, at any time; over all. */
  return { most, admitted };
}

const plans = (machines: number) =>
  fc.record({
    burst: fc.integer({ min: 1, max: 400 }),
    counts: fc.constantFrom("messages", "bytes"),
    machines: fc.integer({ min: machines, max: machines * 2 - 1 }),
    workers: fc.integer({ min: 1, max: 4 }),
    delays: fc.array(fc.nat({ max: 40 }), { minLength: 1, maxLength: 20 }),
    arrivals: fc.array(fc.array(fc.nat({ max: 11 }), { maxLength: 3 }), { minLength: 1, maxLength: 200 }),
  }) satisfies fc.Arbitrary<Plan>;

/** A burst of each that lets in, and what fills while its question is on its way to the book, and back. */
const boundOf = ({ burst, workers, machines }: Plan, questionMs: number) =>
  workers * machines * (burst + Math.ceil((burst * questionMs) / PER_MS));

/** Forty there, forty back, and the gap before. */
const QUESTION_MS = 80 + WORKER_PACE.gapMs;
const FLEET_MS = 80 + MACHINE_PACE.gapMs;

/** Longer than what goes beyond a rate could hide in. */
const LONG_MS = 30_000;

async function holds(t: ExecutionContext, given: fc.Arbitrary<Plan>, isSo: (plan: Plan) => Promise<boolean>) {
  await fc.assert(fc.asyncProperty(given, isSo), { numRuns: RUNS });
  t.pass();
}

test("several workers, one rate: a burst of each goes beyond it, however long it lasts", async (t) => {
  await holds(t, plans(1), async (plan) => (await run(plan, LONG_MS)).most <= boundOf(plan, QUESTION_MS));
});

test("several machines with workers, one rate: a burst of each worker goes beyond it", async (t) => {
  await holds(
    t,
    plans(2),
    async (plan) => (await run(plan, LONG_MS)).most <= boundOf(plan, QUESTION_MS + FLEET_MS),
  );
});

test("who sends by one worker alone has all of the rate, for others have not spent theirs", async (t) => {
  await holds(t, plans(1), async ({ burst, ...plan }) => {
    const { admitted } = await run({ ...plan, burst, arrivals: [[0, 0]] }, LONG_MS);
    // What fills while a question is on its way is missing, once; so it is until the book knows of the key.
    return admitted >= Math.floor(burst + (burst * (LONG_MS - 2 * QUESTION_MS)) / PER_MS) - 1;
  });
});

test("the book in memory", async (t) => {
  let now = 0;
  const book = new BucketBook(undefined, () => now);
  const settle: Settle = async (settlements) => settlements.map((settlement) => book.settle(settlement));
  await testLevelContract(t, settle);
  t.is(book.size, 3);
  // A hundred and one of these hours and a bit.
  now = 101 * 3_600_000 + 1;
  await settle([{ key: "new", limit: { messages: 1, bytes: 0, perMs: 1_000 }, messages: 1, bytes: 0 }]);
  t.is(book.size, 1, "what is full again is gone");
  for (let n = 0; n < 100_010; n++)
    await settle([
      { key: `${n}`, limit: { messages: 1, bytes: 0, perMs: 3_600_000 }, messages: 1, bytes: 0 },
    ]);
  t.is(book.size, 100_000);
  t.is(book.forgotten, 11);
});
