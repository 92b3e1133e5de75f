import test from "ava";
import fc from "fast-check";
import { CapBook, type Holder } from "../../../core/leases/caps/cap-book.ts";
import type { BookNote, HolderNote } from "../../../core/leases/caps/cap-notes.ts";
import type { CapStore } from "../../../core/leases/caps/cap-store.ts";
import { CappedCount } from "../../../core/leases/caps/capped-count.ts";
import { PlaceLeases } from "../../../core/leases/caps/place-leases.ts";

const limitOf = (most: number) => ({ most, onStoreLoss: "local" }) as const;

/** A worker that is far away: what is said either way is on its way until it is delivered. */
class Worker {
  readonly book: CapBook;
  readonly leases: PlaceLeases;
  readonly #holder: Holder;
  readonly #toBook: (readonly HolderNote[])[] = [];
  readonly #fromBook: (readonly BookNote[])[] = [];
  readonly #turns: (() => void)[] = [];
  readonly #repeats = new Set<() => void>();
  /** Open, by key. */
  readonly open = new Map<string, number>();
  /** In line. */
  readonly waiting = new Map<string, number>();
  answers: boolean[] = [];
  pending = 0;

  constructor(book: CapBook) {
    this.book = book;
    this.#holder = book.join((notes) => this.#fromBook.push(notes));
    this.leases = new PlaceLeases((notes) => this.#toBook.push(notes), {
      soon: (callback) => this.#turns.push(callback),
      repeat: (callback) => {
        this.#repeats.add(callback);
        return () => this.#repeats.delete(callback);
      },
    });
  }

  async take(key: string, cap: number): Promise<void> {
    this.pending++;
    const isIn = await this.leases.take(key, limitOf(cap));
    this.pending--;
    this.answers.push(isIn);
    if (isIn) this.#add(key, 1);
  }

  give(key: string): void {
    if ((this.open.get(key) ?? 0) === 0) return;
    this.#add(key, -1);
    this.leases.give(key);
  }

  wait(key: string, cap: number, change: number): void {
    this.waiting.set(key, Math.max(0, (this.waiting.get(key) ?? 0) + change));
    this.#expect(key, cap);
  }

  /** @returns whether there was any */
  async step(what: "turn" | "toBook" | "fromBook"): Promise<boolean> {
    const turn = what === "turn" ? this.#turns.shift() : undefined;
    const notes = what === "toBook" ? this.#toBook.shift() : undefined;
    const said = what === "fromBook" ? this.#fromBook.shift() : undefined;
    turn?.();
    if (notes !== undefined) this.#holder.hear(notes);
    if (said !== undefined) this.leases.hear(said);
    await Promise.resolve();
    await Promise.resolve();
    return (turn ?? notes ?? said) !== undefined;
  }

  /** A second without anything. */
  sweep(): void {
    for (const callback of [...this.#repeats]) callback();
  }

  die(): void {
    this.open.clear();
    this.waiting.clear();
    this.#holder.leave();
  }

  #expect(key: string, cap: number): void {
    const count = this.waiting.get(key) ?? 0;
    this.leases.expect(key, limitOf(cap), count, () => {
      if (this.leases.room(key, limitOf(cap)) !== "some" || this.waiting.get(key) === 0) return;
      this.waiting.set(key, this.waiting.get(key)! - 1);
      void this.leases.take(key, limitOf(cap));
      this.#add(key, 1);
      // Whoever has left the line says so in a moment.
      queueMicrotask(() => this.#expect(key, cap));
    });
  }

  #add(key: string, change: number): void {
    this.open.set(key, (this.open.get(key) ?? 0) + change);
  }
}

/** The store of a fleet, which answers when it is told to. */
class Store {
  readonly #places = new Map<string, Map<string, number>>();
  readonly #answers: (() => void)[] = [];

  of(machine: string): CapStore {
    return {
      lease: (key, { most, holding, want }) => {
        const places = this.#places.get(key) ?? new Map<string, number>();
        this.#places.set(key, places.set(machine, 0));
        const others = [...places.values()].reduce((sum, count) => sum + count, 0);
        const granted = Math.max(0, Math.min(want, most - others - holding));
        places.set(machine, holding + granted);
        return new Promise((resolve) => {
          this.#answers.push(() => resolve({ granted, mayKeep: false }));
        });
      },
    };
  }

  get taken(): number {
    const counts = [...this.#places.values()].flatMap((places) => [...places.values()]);
    return counts.reduce((sum, count) => sum + count, 0);
  }

  async step(): Promise<boolean> {
    const answer = this.#answers.shift();
    answer?.();
    await new Promise((resolve) => setImmediate(resolve));
    return answer !== undefined;
  }
}

/** @param machines one: there is no fleet */
function start(workers: number, machines: number) {
  const store = new Store();
  const books = Array.from({ length: machines }, (_, index) =>
    machines === 1 ? new CapBook() : new CapBook(store.of(String(index))),
  );
  let living = Array.from({ length: workers }, (_, index) => new Worker(books[index % machines]!));
  const openOf = (key: string): number => living.reduce((sum, { open }) => sum + (open.get(key) ?? 0), 0);
  const waitingFor = (key: string): number =>
    living.reduce((sum, { waiting }) => sum + (waiting.get(key) ?? 0), 0);
  return {
    books,
    store,
    workers: () => living,
    at: (index: number): Worker => living[index % living.length]!,
    openOf,
    waitingFor,
    /** Until nothing is on its way any more. */
    async rest(): Promise<void> {
      for (let isBusy = true; isBusy; ) {
        isBusy = false;
        for (const worker of living)
          for (const what of ["turn", "toBook", "fromBook"] as const)
            if (await worker.step(what)) isBusy = true;
        if (machines > 1 && (await store.step())) isBusy = true;
      }
    },
    kill(index: number): void {
      const worker = living[index % living.length]!;
      worker.die();
      living = living.map((each) => (each === worker ? new Worker(worker.book) : each));
    },
  };
}

const worker = fc.nat(3);
const KEYS = ["fleet:few", "fleet:many"] as const;
const key = fc.constantFrom(...KEYS);
const command = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant("take" as const), worker, key, times: fc.nat(12) }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant("give" as const), worker, key, times: fc.nat(12) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("wait" as const),
      worker,
      key,
      times: fc.integer({ min: -2, max: 3 }),
    }),
  },
  {
    weight: 12,
    arbitrary: fc.record({
      do: fc.constantFrom("turn" as const, "toBook" as const, "fromBook" as const, "store" as const),
      worker,
      key,
      times: fc.nat(3),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constantFrom("die" as const, "sweep" as const),
      worker,
      key,
      times: fc.nat(0),
    }),
  },
);

for (const machines of [1, 2])
  test(`never more than the cap are open; nobody is refused while there is room; in the end the book is empty: machines: ${machines}`, async (t) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(command, { minLength: 20, maxLength: 150, size: "max" }),
        fc.record({
          "fleet:few": fc.integer({ min: 1, max: 3 }),
          "fleet:many": fc.integer({ min: 20, max: 200 }),
        }),
        async (commands, caps) => {
          const machine = start(4, machines);
          const check = (): void => {
            for (const key of KEYS)
              if (machine.openOf(key) > caps[key])
                throw new Error(`${machine.openOf(key)} of ${key} are open`);
          };
          for (const { do: what, worker, key, times } of commands) {
            const one = machine.at(worker);
            if (what === "die") machine.kill(worker);
            else if (what === "sweep") one.sweep();
            else if (what === "wait") {
              // Who waits at several machines is looked for by the clock.
              if (machines === 1) one.wait(key, caps[key], times);
            } else
              for (let n = 0; n < times; n++) {
                if (what === "take") void one.take(key, caps[key]);
                else if (what === "give") one.give(key);
                else if (what === "store") await machine.store.step();
                else await one.step(what);
              }
            await Promise.resolve();
            check();
          }
          await machine.rest();
          check();
          for (const one of machine.workers()) if (one.pending > 0) throw new Error("somebody has no answer");
          for (const key of KEYS) {
            // Who waits has what there is.
            if (machine.waitingFor(key) > 0 && machine.openOf(key) < caps[key])
              throw new Error("they wait for nothing");
            for (const one of machine.workers()) one.wait(key, caps[key], -100);
            await machine.rest();
            for (let n = 0; machine.openOf(key) < caps[key]; n++) {
              const one = machine.at(n);
              one.answers = [];
              void one.take(key, caps[key]);
              await machine.rest();
              if (one.answers[0] !== true)
                throw new Error(`refused, and ${machine.openOf(key)} of ${key} were open`);
            }
            const full = machine.at(1);
            full.answers = [];
            void full.take(key, caps[key]);
            await machine.rest();
            if (full.answers[0] !== false) throw new Error("one too many");
            for (const one of machine.workers()) for (let n = 0; n < caps[key]; n++) one.give(key);
          }
          for (let second = 0; second < 3; second++) {
            await machine.rest();
            for (const one of machine.workers()) one.sweep();
          }
          await machine.rest();
          for (const { keys, lent } of machine.books)
            if (keys + lent > 0) throw new Error(`${lent} are lent in the end`);
          if (machine.store.taken > 0) throw new Error("the store has some in the end");
          for (const { leases } of machine.workers())
            if (leases.size > 0) throw new Error("a worker keeps some");
        },
      ),
      { numRuns: machines === 1 ? 300 : 60 },
    );
    t.pass();
  });

test("a cap that comes, changes and goes counts what is open already", async (t) => {
  const { workers, books, rest } = start(2, 1);
  const [here, there] = workers().map(({ leases }) => new CappedCount(leases, "fleet:x")) as [
    CappedCount,
    CappedCount,
  ];
  const enter = async (count: CappedCount): Promise<boolean> => {
    const entered = count.enter();
    await rest();
    return entered;
  };
  for (let n = 0; n < 3; n++) t.true(await enter(here));
  const limitBoth = async (most: number): Promise<void> => {
    for (const count of [here, there]) count.limit(most);
    await rest();
  };
  await limitBoth(4);
  t.deepEqual([await enter(there), await enter(there), await enter(here)], [true, false, false]);
  await limitBoth(2);
  here.leave();
  here.leave();
  t.false(await enter(there));
  await limitBoth(3);
  t.deepEqual([await enter(there), await enter(here)], [true, false]);
  // The cap goes while the book is being asked.
  const late = here.enter();
  await limitBoth(0);
  t.true(await late);
  t.deepEqual([here.active, there.active], [2, 2]);
  await rest();
  t.is(books[0]?.lent, 0);
  await limitBoth(4);
  t.is(books[0]?.lent, 4);
  for (const count of [here, there]) for (let n = 0; n < 2; n++) count.leave();
  await rest();
  t.is(books[0]?.lent, 0);
});
