import test from "ava";
import type { RouteTraffic } from "../../core/metrics/route-traffic.ts";
import {
  type Answerer,
  answerRequest,
  methodsOf,
  type QuestionMethods,
  questions,
} from "../../core/workers/requests.ts";

const trafficOf = (route: string, client: number): RouteTraffic => ({
  route,
  sessions: 1,
  messages: { client, server: 1 },
  bytes: { client: 10, server: 10 },
  bufferedBytes: { client: 0, server: 2 },
});

test("a request that came as data is answered by its entry of the table", async (t) => {
  const closed: unknown[] = [];
  const engine = {
    sessions: (id?: string) => [id ?? "all"],
    closeSession: (...args: unknown[]) => closed.push(args) > 1,
  };
  const worker = { engine, pulse: () => ({ calls: 1 }) } as unknown as Answerer;
  t.deepEqual(await answerRequest(worker, "sessions", []), ["all"]);
  t.deepEqual(await answerRequest(worker, "sessions", ["7"]), ["7"]);
  t.is(await answerRequest(worker, "closeSession", ["7", { code: 1000, reason: "" }]), false);
  t.deepEqual(closed, [["7", { code: 1000, reason: "" }]]);
  t.deepEqual(await answerRequest(worker, "pulses", []), { calls: 1 });
});

test("what fails in an answer is a rejection, also where it is thrown at once", async (t) => {
  const engine = {
    apply() {
      throw new Error("no");
    },
  };
  await t.throwsAsync(answerRequest({ engine } as unknown as Answerer, "apply", [{}]), { message: "no" });
});

test("the workers' answers together: one entry a route, one list of sessions, one yes is enough", (t) => {
  t.deepEqual(questions.traffic.merge([[trafficOf("/a", 1), trafficOf("/b", 2)], [trafficOf("/a", 3)]]), [
    {
      route: "/a",
      sessions: 2,
      messages: { client: 4, server: 2 },
      bytes: { client: 20, server: 20 },
      bufferedBytes: { client: 0, server: 4 },
    },
    trafficOf("/b", 2),
  ]);
  const page = { sessions: [], total: 3, left: 2 };
  t.deepEqual(questions.sessions.merge([page, page]), { sessions: [], total: 6, left: 4 });
  t.deepEqual(
    [[], [false], [false, true]].map((answers) => questions.closeSession.merge(answers)),
    [false, false, true],
  );
});

test("each question is a method of its name", async (t) => {
  const asked: unknown[] = [];
  const methods = methodsOf<QuestionMethods>(questions, async (name, args) => asked.push([name, args]));
  await methods.countSessions({ id: "7" });
  await methods.policyStats();
  t.deepEqual(asked, [
    ["countSessions", [{ id: "7" }]],
    ["policyStats", []],
  ]);
  t.deepEqual(Object.keys(methods), Object.keys(questions));
});

test("a worker that is to settle gives back the room of its heap, unless there are sessions that would wait", async (t) => {
  const heapMiB = () => process.memoryUsage().heapTotal / 2 ** 20;
  const settle = (sessions: number) => {
    const engine = { countSessions: () => sessions };
    return answerRequest({ engine } as unknown as Answerer, "settle", []);
  };
  const start = Array.from({ length: 400_000 }, (_, n) => ({ n }));
  t.is(start.splice(0).length, 400_000);
  const before = heapMiB();
  await settle(1);
  t.true(heapMiB() > before - 5);
  await settle(0);
  t.true(heapMiB() < before - 5);
});
