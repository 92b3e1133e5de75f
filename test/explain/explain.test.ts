import test from "ava";
import { explainMessage } from "../../core/explain/explain-message.ts";
import { explainRoute } from "../../core/explain/explain-route.ts";
import { explainSession, parseMessageName } from "../../core/explain/explain-session.ts";
import { explainSteps } from "../../core/explain/explain-steps.ts";
import { readSession } from "../../core/explain/read-session.ts";
import { compileRedaction, USUAL_REDACTION } from "../../core/redaction/rules.ts";
import { createHookFinder } from "../../core/replay/hook-place.ts";
import type {
  FrameRecord,
  MessageStep,
  PayloadView,
  TrafficQuery,
  TrafficRecord,
} from "../../core/traffic/records.ts";

const rules = compileRedaction(USUAL_REDACTION);
const anything = { hosts: [], headers: {}, clients: [] };
const routes = [
  { name: "room", path: "/chat/:room", match: anything },
  { name: "all", path: "/*", match: anything },
  {
    name: "inside",
    path: "/chat/7",
    match: { hosts: ["*.example.com"], headers: { "x-key": "k", cookie: "c=1" }, clients: ["10.0.0.0/8"] },
  },
];
const asked = (path: string, headers: [string, string][] = []) => ({
  path,
  client: "10.1.2.3:5000",
  request: [["Host", "app.example.com:8080"], ...headers] as [string, string][],
});

test("a route is explained by its conditions and what the request has, and by the route behind it", (t) => {
  t.deepEqual(explainRoute("room", asked("/chat/7?token=x"), routes, rules), {
    name: "room",
    state: "matches",
    conditions: [
      { what: "path", expected: "/chat/:room", got: "/chat/7" },
      { what: "host", expected: "", got: "app.example.com:8080" },
    ],
    otherwise: "all",
  });
  // A secret header is not kept: it is taken for the one that the route wants, and is not shown.
  const hidden = rules.redactHeader("cookie", "c=1");
  t.not(hidden, "c=1");
  const inside = explainRoute(
    "inside",
    asked("/chat/7", [
      ["X-Key", "k"],
      ["Cookie", hidden],
    ]),
    routes,
    rules,
  );
  t.like(inside, { state: "matches", otherwise: "room" });
  // So is that of the route behind it.
  const vip = { name: "vip", path: "/chat/:room", match: { ...anything, headers: { cookie: "c=1" } } };
  const behind = explainRoute("inside", asked("/chat/7", [["Cookie", hidden]]), [...routes, vip], rules);
  t.is(behind.otherwise, "vip");
  t.is(
    explainRoute("inside", asked("/chat/7", [["Cookie", "c=2"]]), [...routes, vip], rules).otherwise,
    "room",
  );
  t.deepEqual(inside.conditions.slice(2), [
    { what: "client", expected: "10.0.0.0/8", got: "10.1.2.3" },
    { what: "header x-key", expected: "k", got: "k" },
    { what: "header cookie", expected: hidden, got: hidden },
  ]);
});

test("a route that is another now, or gone, is said to be", (t) => {
  t.like(explainRoute("inside", asked("/chat/7"), routes, rules), { state: "changed", otherwise: "room" });
  t.deepEqual(explainRoute("old", asked("/"), routes, rules), {
    ...{ name: "old", state: "gone", conditions: [], otherwise: "" },
  });
  t.like(explainRoute("all", undefined, routes, rules), { state: "matches", conditions: [] });
});

test("each policy got what the one before it had made, and the waiting between them is told", (t) => {
  const steps = [
    step("a", { afterMs: 2, durationMs: 3, changed: true, after: text("one") }),
    step("b", { afterMs: 5.5, durationMs: 1 }),
    step("c", { afterMs: 7, durationMs: 1, changed: true }),
    step("d", { afterMs: 8, durationMs: 1, action: "failed", place: "d.ts:3:9" }),
  ];
  const explained = explainMessage(frame({ steps, after: text("two"), outcome: "replaced" }), 900, (...at) =>
    at.join(" "),
  );
  t.like(explained, { message: "client:3", kind: "text", sinceStartMs: 100, durationMs: 10, waitedMs: 4 });
  t.deepEqual(
    explained.steps.map(({ policy, input, output, waitedMs, place }) => [
      policy,
      input?.data,
      output?.data,
      waitedMs,
      place,
    ]),
    [
      ["a", "zero", "one", 2, "a 1 client"],
      ["b", "one", undefined, 0.5, "b 1 client"],
      ["c", "one", "two", 0.5, "c 1 client"],
      ["d", "two", undefined, 0, "d.ts:3:9"],
    ],
  );
  t.is(explained.sent?.data, "two");
  t.is(explainMessage(frame({ outcome: "dropped" }), 0, () => "").sent, null);
  t.is(explainMessage(frame({ outcome: "passed" }), 0, () => "").sent?.data, "zero");
});

test("a step of an `unavailable` hook has the line of that hook, and the asking of servers is not its waiting", (t) => {
  const [first, away] = [
    step("a", { afterMs: 1, durationMs: 1 }),
    step("a", { afterMs: 800, durationMs: 1 }),
  ];
  const explained = explainSteps([first, { ...away, hook: "unavailable" }], "upgrade", (...at) =>
    at.join(" "),
  );
  t.deepEqual(
    explained.map(({ place, waitedMs }) => [place, waitedMs]),
    [
      ["a 1 upgrade", 1],
      ["a 1 unavailable", 0],
    ],
  );
});

test("the line of a hook is found, and a bundle is not read for each step of each message", (t) => {
  let reads = 0;
  const written = (source: string) => ({
    file: "guard.ts",
    get sourceMap() {
      reads++;
      return JSON.stringify({ sources: ["guard.ts"], sourcesContent: [source] });
    },
  });
  const findHook = createHookFinder();
  const bundle = written("// It guards.\nexport const client = () => {};\nexport const server = () => {};");
  const lines = (["client", "server", "client", "server", "tick"] as const).map(
    (hook) => findHook(bundle, hook).line,
  );
  t.deepEqual([lines, reads], [[2, 3, 2, 3, 1], 3]);
  t.is(findHook(written("export const client = () => {};"), "client").line, 1);
});

test("a session that is longer than what is looked at has its newest records and its upgrade", async (t) => {
  const records = Array.from({ length: 50 }, (_, index) => ({
    ...frame({}),
    ...(index === 0 && { kind: "upgrade" }),
    seq: index + 1,
  })) as unknown as TrafficRecord[];
  const query = async ({ before = Number.POSITIVE_INFINITY, kind, limit }: TrafficQuery) => {
    const fitting = records.filter(
      (record) => record.seq < before && (kind === undefined || record.kind === kind),
    );
    return { records: fitting.slice(-limit).reverse(), hasMore: fitting.length > limit };
  };
  const seqs = async (most: number) => {
    const { records: found, hasMore } = await readSession({ query }, "s-1", most);
    return [found.map(({ seq }) => seq), hasMore];
  };
  t.deepEqual(await seqs(3), [[1, 48, 49, 50], true]);
  t.deepEqual(await seqs(50), [records.map(({ seq }) => seq), false]);
});

test("an end by a policy has the call that it came of, and messages are in the order of their times", (t) => {
  const end = { kind: "close", seq: 9, time: 1900, session: "s-1", route: "room", policy: "b" };
  const thrown = { action: "failed", detail: "SyntaxError: no", place: "b.ts:3:9" } as const;
  const explain = (...records: readonly object[]) =>
    explainSession(
      { session: "s-1", records: records as unknown as TrafficRecord[], hasMore: false },
      { routes, rules, findLine: (...at) => at.join(" ") },
    );
  const fault = frame({
    ...{ seq: 3, time: 1500, sequence: 4, outcome: "failed" },
    steps: [step("a", {}), step("b", thrown)],
  });
  // Its fault was passed over: it ended nothing.
  const passedOver = frame({ seq: 2, time: 1600, origin: "server", steps: [step("b", thrown)] });
  const failed = explain(passedOver, fault, end);
  t.deepEqual(
    failed.messages.map(({ message }) => message),
    ["client:4", "server:3"],
  );
  t.deepEqual(failed.end?.call, {
    ...{ policy: "b", message: "client:4", hook: "client", outcome: "failed" },
    ...{ detail: "SyntaxError: no", place: "b.ts:3:9" },
  });
  const tick = { kind: "hook", seq: 4, time: 1700, hook: "tick", outcome: "closed", policy: "b" };
  const ticked = { ...tick, version: "1", detail: "", place: "" };
  t.like(explain(fault, ticked, end).end?.call, { message: "", hook: "tick", place: "b 1 tick" });
  t.is(explain(fault, { ...end, policy: "" }).end?.call, null);
  t.is(explain(fault, { ...end, policy: "a" }).end?.call, null);
});

test("messages are named by who sent them and their number", (t) => {
  t.deepEqual(parseMessageName("server:12"), { origin: "server", sequence: 12 });
  for (const text of ["", "client", "client:", "client:-1", "proxy:1", "client:0", "client:1 ", "client:1e3"])
    t.is(parseMessageName(text), undefined, text);
});

function step(policy: string, given: Partial<MessageStep>): MessageStep {
  return {
    ...{ policy, version: "1", action: "passed", afterMs: 0, durationMs: 0, detail: "", place: "" },
    ...{ changed: false, after: null },
    ...given,
  };
}

function text(data: string): PayloadView {
  return { encoding: "text", data, length: data.length, isCut: false, redactions: 0 };
}

function frame(given: Partial<FrameRecord>): FrameRecord {
  return {
    ...{ kind: "frame", seq: 1, time: 1000, session: "s-1", route: "room", origin: "client", opcode: 1 },
    ...{ fin: true, isCompressed: false, maskKey: null, length: 4, sequence: 3, frames: 1, durationMs: 10 },
    ...{ writeMs: null, unsentBytes: 0 },
    ...{ outcome: "passed", steps: [], payload: text("zero"), after: null, replies: [], appended: [] },
    ...given,
  };
}
