import { setImmediate } from "node:timers/promises";
import test from "ava";
import { HandOver, type Taker } from "../../core/workers/doors/hand-over.ts";
import { caller } from "../listen/plans.ts";
import { at } from "../support/at.ts";

/** Workers that take what they are handed when the test says so. */
function staged(maxWaiting = 10) {
  const notes: string[] = [];
  let refused = 0;
  const handOver = new HandOver({ maxWaiting, patienceMs: 60_000 }, () => refused++);
  const knock = (...names: readonly string[]): void => {
    for (const name of names) handOver.take("door", caller(name, notes));
  };
  return { handOver, notes, knock, refused: () => refused };
}

function stagedTaker(name: string, notes: string[]) {
  const handed: PromiseWithResolvers<void>[] = [];
  const taker: Taker = {
    take(_key, socket) {
      notes.push(`${socket} to ${name}`);
      const answer = Promise.withResolvers<void>();
      handed.push(answer);
      return answer.promise;
    },
  };
  return { taker, answer: (index: number) => at(handed, index) };
}

/** What follows from an answer. */
const turn = (): Promise<void> => setImmediate();

test("workers are handed connections in turn, and who has not taken the last is passed over", async (t) => {
  const { handOver, notes, knock } = staged();
  const [a, b] = [stagedTaker("a", notes), stagedTaker("b", notes)];
  handOver.join(a.taker);
  handOver.join(b.taker);
  knock("1", "2", "3", "4");
  t.deepEqual(notes, ["1 to a", "2 to b"]);
  b.answer(0).resolve();
  await turn();
  b.answer(1).resolve();
  await turn();
  t.deepEqual(notes.slice(2), ["3 to b", "4 to b"]);
  a.answer(0).resolve();
  await turn();
  knock("5");
  t.deepEqual(notes.slice(4), ["5 to a"]);
});

test("who comes while there is no worker waits for one, up to a bound", async (t) => {
  const { handOver, notes, knock, refused } = staged(2);
  knock("1", "2", "3");
  t.deepEqual(notes, ["3 closed"]);
  t.is(refused(), 1);
  const { taker, answer } = stagedTaker("a", notes);
  handOver.join(taker);
  answer(0).resolve();
  await turn();
  t.deepEqual(notes.slice(1), ["1 to a", "2 to a"]);
});

test("what a worker had not taken when it ended is for the next one, before all others", async (t) => {
  const { handOver, notes, knock } = staged();
  const [a, b] = [stagedTaker("a", notes), stagedTaker("b", notes)];
  handOver.join(a.taker);
  knock("1", "2");
  handOver.leave(a.taker);
  a.answer(0).reject(new Error("gone"));
  await turn();
  handOver.join(b.taker);
  b.answer(0).resolve();
  await turn();
  t.deepEqual(notes, ["1 to a", "1 to b", "2 to b"]);
});

test("in the end nobody is left waiting", (t) => {
  const { handOver, notes, knock } = staged();
  knock("1", "2");
  handOver.close();
  t.deepEqual(notes, ["1 closed", "2 closed"]);
});

test("a worker that has ended, and has not left yet, is not asked again and again for ever", async (t) => {
  const { handOver, knock } = staged();
  let asked = 0;
  const gone: Taker = {
    take: () => (++asked > 1000 ? new Promise(() => {}) : Promise.reject(new Error("the worker ended"))),
  };
  handOver.join(gone);
  knock("a");
  await turn();
  t.true(asked < 10, `asked ${asked} times in one turn`);
  handOver.leave(gone);
});
