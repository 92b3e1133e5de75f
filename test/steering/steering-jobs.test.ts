import test from "ava";
import { NO_PACE } from "../../core/steering/pace.ts";
import { type SteeredSession, Steering } from "../../core/steering/steering.ts";
import { SteeringJobs } from "../../core/steering/steering-jobs.ts";
import type { SteeredWorker } from "../../core/steering/steering-order.ts";
import { eventually } from "../support/eventually.ts";

/** A worker with so many sessions, which are over as soon as they are closed. */
function worker(name: string, count: number) {
  const said: string[] = [];
  const sessions = new Map<string, SteeredSession>();
  for (let index = 0; index < count; index++) {
    const id = `${name}${index}`;
    sessions.set(id, {
      ...{ id, route: "/", client: "", subprotocol: "", attributes: {}, ageMs: 0 },
      ...{ policies: [], upstream: undefined },
      async renew() {
        said.push(`${id} renew`);
        return "renewed";
      },
      tell: (text) => said.push(`${id} ${text}`),
      close({ code }, { cause }) {
        said.push(`${id} ${code} ${cause}`);
        sessions.delete(id);
      },
    });
  }
  const steering = new Steering({
    steered: () => sessions.values(),
    findSteered: (id) => sessions.get(id),
  });
  const asked: number[] = [];
  const parts: SteeredWorker = {
    selectSessions: async (order) => steering.select(order),
    async steerSessions(id, most) {
      asked.push(most);
      return steering.steer(id, most);
    },
    forgetSessions: async (id) => steering.forget(id),
  };
  return { ...parts, said, sessions, asked };
}

const wish = {
  what: "close",
  filter: {},
  pace: NO_PACE,
  act: { close: { code: 4000, reason: "" }, grounds: { cause: "admin", detail: "" } },
} as const;

/** Nothing of it keeps a process alive. */
const alive = setInterval(() => {}, 1000);
test.after.always(() => clearInterval(alive));

test("without a pace it is done when the answer comes, in all workers; one that is gone has none", async (t) => {
  const [a, b] = [worker("a", 2), worker("b", 1)];
  const gone = { ...worker("c", 1), selectSessions: async () => Promise.reject(new Error("gone")) };
  const jobs = new SteeringJobs(() => [a, b, gone]);
  const job = await jobs.start({ ...wish, act: { ...wish.act, message: "bye" } });
  t.like(job, { state: "done", sessions: 3, done: 3, left: 0 });
  t.deepEqual(a.said, ["a0 bye", "a0 4000 admin", "a1 bye", "a1 4000 admin"]);
  t.deepEqual(b.said, ["b0 bye", "b0 4000 admin"]);
  t.deepEqual(jobs.list(), [job]);
});

test("what came of renewals is told, of those too that take their time", async (t) => {
  const [a, b] = [worker("a", 3), worker("b", 1)];
  const slow = Promise.withResolvers<string>();
  b.sessions.set("b0", { ...b.sessions.get("b0")!, renew: () => slow.promise });
  const jobs = new SteeringJobs(() => [a, b]);
  const { grounds } = wish.act;
  const started = jobs.start({ ...wish, what: "renew", act: { renew: true, grounds } });
  await eventually("the others are renewed", () => jobs.list()[0]?.outcomes.renewed === 3);
  t.like(jobs.list()[0], { state: "running", done: 4, left: 0 });
  slow.resolve("closed");
  t.like(await started, { state: "done", done: 4, outcomes: { renewed: 3, closed: 1 } });
});

test("at a rate it goes on by itself; who has left by himself takes nobody's place, and it can be ended", async (t) => {
  const [a, b] = [worker("a", 400), worker("b", 400)];
  const jobs = new SteeringJobs(() => [a, b]);
  const { id, sessions, state } = await jobs.start({ ...wish, pace: { ...NO_PACE, perSecond: 200 } });
  t.deepEqual([sessions, state], [800, "running"]);
  b.sessions.clear();
  const looked = () => jobs.list().find((job) => job.id === id)!;
  await eventually("some have gone", () => looked().done >= 4);
  t.true(looked().left > 300);
  t.deepEqual(b.said, []);
  t.true(jobs.stop(id));
  t.false(jobs.stop(id));
  const { done } = looked();
  t.like(looked(), { state: "stopped" });
  t.true(a.said.length >= done && a.said.length < 400);
});

test("a worker that does not answer holds up no other", async (t) => {
  const [a, b] = [worker("a", 5), worker("b", 5)];
  const never = Promise.withResolvers<never>();
  const hung = { ...b, steerSessions: () => never.promise };
  const jobs = new SteeringJobs(() => [a, hung]);
  await jobs.start({ ...wish, pace: { ...NO_PACE, perSecond: 100 } });
  await eventually("the other is done", () => a.said.length === 5);
  never.reject(new Error("killed"));
  await eventually("it is over", () => jobs.list()[0]?.state === "done");
  t.like(jobs.list()[0], { done: 5, left: 0 });
});
