import test from "ava";
import fc from "fast-check";
import { moveSessionsSchema } from "../../core/admin/api/steering-schema.ts";
import { resolveConfig } from "../../core/config/index.ts";
import { comparePlaces, readPlace } from "../../core/engine/session-place.ts";
import { createFleetDesk } from "../../core/fleet/desk/fleet-desk.ts";
import { fitPage, limitOfNode, mergeNodePages } from "../../core/fleet/desk/merge-pages.ts";
import { showJob } from "../../core/fleet/desk/shown-job.ts";
import { findDifferences } from "../../core/fleet/differences.ts";
import { createMembership } from "../../core/fleet/membership.ts";
import type { ShownPage, ShownSession } from "../../core/fleet/questions/answer-schemas.ts";
import {
  checkReply,
  readQuestion,
  readReply,
  writeAnswer,
  writeQuestion,
  writeRefusal,
} from "../../core/fleet/questions/protocol.ts";
import { OpenRound } from "../../core/fleet/questions/round.ts";
import { RecentPeak } from "../../core/fleet/recent-peak.ts";
import type { KnownNode, NodeReport } from "../../core/fleet/report.ts";
import { readRoll } from "../../core/fleet/roll.ts";
import { SteeredGroup } from "../../core/fleet/steered-group.ts";
import { digestConfig } from "../../core/gateway/config-digest.ts";
import type { SteeredWorker, SteeringOutcomes } from "../../core/steering/steering-order.ts";

const none = { client: 0, server: 0 };
const session = (id: string, startedAt: number): ShownSession => ({
  ...{ id, startedAt, route: "/a", path: "/a", client: "10.0.0.1:1", server: "ws://a", subprotocol: "" },
  ...{ extensions: "", messages: none, bytes: none, bufferedBytes: none, idleMs: 0, attributes: {} },
  ...{ held: 0, isHoldable: true },
});

const report = (node: string, more: Partial<NodeReport> = {}): NodeReport => ({
  ...{
    node,
    host: node,
    version: "1.0.0",
    startedAt: 1,
    workers: 2,
    state: "ready",
    config: "x",
    options: [],
  },
  ...{ policies: [{ name: "auth", version: "1", since: 1 }], rollouts: [] },
  ...more,
});

const known = (node: string, more: Partial<KnownNode> = {}): KnownNode => ({
  ...{ node, holder: node, sessions: 0, seenMs: 0, isGone: false, report: report(node) },
  ...more,
});

test("a question is understood whole or not at all: a word more could mean that fewer sessions were meant", (t) => {
  const asked = { id: "1", from: "me", to: ["you"], name: "selectSessions" };
  const act = { close: { code: 1001, reason: "" }, grounds: { cause: "admin", detail: "" } };
  const write = (args: unknown, name = asked.name) => writeQuestion({ ...asked, name, args });
  const order = { id: "j", filter: { route: "/a" }, act };
  t.deepEqual(readQuestion(write(order)), { ...asked, name: "selectSessions", args: order });
  const refused = { refused: { id: "1", from: "me" } };
  t.deepEqual(readQuestion(write({ ...order, filter: { route: "/a", country: "de" } })), refused);
  t.deepEqual(
    readQuestion(write({ ...order, act: { ...act, grounds: { cause: "else", detail: "" } } })),
    refused,
  );
  t.deepEqual(readQuestion(write({}, "anything")), refused);
  t.deepEqual(readQuestion(write({}, "constructor")), refused);
  t.deepEqual(readQuestion(write(order).replace('"protocol":1', '"protocol":2')), refused);
  for (const text of ["", "{", "null", "[]", '{"protocol":1}', `"${"x".repeat(200_000)}"`])
    t.is(readQuestion(text), undefined);
});

test("nodes with other addresses have one config, those with another limit have two", (t) => {
  const digest = (port: number, maxConnections: number) =>
    digestConfig(
      resolveConfig({ listen: [{ port }], console: { port: port + 1 }, maxConnections }, { dir: "/" }),
    );
  t.deepEqual(digest(8080, 5), digest(9080, 5));
  const [before, after] = [digest(8080, 5), digest(8080, 6)];
  t.not(before.config, after.config);
  const names = before.options.flatMap(({ name, digest: of }) =>
    after.options.some((other) => other.name === name && other.digest === of) ? [] : [name],
  );
  t.deepEqual(names, ["maxConnections"]);
});

test("which options of the config are otherwise is named, unless a node does not tell", (t) => {
  const named = (node: string, routes: string, more: Partial<NodeReport> = {}) =>
    known(node, {
      report: report(node, {
        config: routes,
        options: [
          { name: "drain", digest: "1" },
          { name: "routes", digest: routes },
        ],
        ...more,
      }),
    });
  const found = (...nodes: KnownNode[]) => [...findDifferences(nodes)];
  t.deepEqual(found(named("a", "1"), named("b", "1"), named("c", "2")), [
    ["c", [{ what: "config", name: "routes" }]],
  ]);
  t.deepEqual(found(named("a", "1"), named("b", "1"), named("c", "2", { options: [] })), [
    ["c", [{ what: "config", name: "" }]],
  ]);
});

test("that this node is in the fleet is told once, and not while another has its name", async (t) => {
  const told: unknown[] = [];
  const replies = [
    ["taken", 0, ""],
    ["ok", 0, 3],
    ["ok", 0, 4],
  ];
  const membership = createMembership({
    store: { node: "a", key: (...parts) => parts.join(":"), script: async () => replies.shift() ?? null },
    ...{ holder: "h", report: () => report("a"), sessions: () => 0 },
    onJoined: (nodes) => told.push(nodes),
    onTaken: () => {},
    onFree: () => {},
  });
  // Each says at once that the node is there, and then every second.
  for (const _ of replies.slice()) membership.start();
  await membership.leave();
  t.deepEqual(told, [3]);
});

test("whatever comes over the wire is read or is none, and never throws", (t) => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      t.notThrows(() => [readQuestion(text), readReply(text)]);
    }),
  );
});

test("each node is heard once; who refuses, is unreadable or says nothing is named with why", (t) => {
  const nodes = ["a", "b", "c", "d", "e"].map((node) => known(node, { holder: `h-${node}` }));
  const round = new OpenRound("countSessions", nodes);
  const reply = (from: string, text: string) => round.take(readReply(text.replaceAll("FROM", from))!);
  const to = { id: "1", from: "FROM" };
  t.deepEqual(reply("h-a", writeAnswer(to, { sessions: 3, more: "of a newer version" })), { sessions: 3 });
  reply("h-a", writeAnswer(to, { sessions: 9 }));
  reply("stranger", writeAnswer(to, { sessions: 9 }));
  reply("h-b", writeRefusal(to, "version"));
  reply("h-c", writeAnswer(to, { sessions: "many" }));
  reply("h-d", writeAnswer(to, { text: "x".repeat(2_000_000) }));
  t.false(round.isOver);
  t.deepEqual(round.close("silent"), {
    answers: [{ node: "a", value: { sessions: 3 } }],
    unanswered: [
      { node: "b", reason: "version" },
      { node: "c", reason: "version" },
      { node: "d", reason: "failed" },
      { node: "e", reason: "silent" },
    ],
  });
});

test("all pages of a fleet together are all sessions, each once, newest first, however many each node sends", (t) => {
  const nodes = fc.array(fc.array(fc.nat(40), { maxLength: 25 }), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(
      nodes,
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 1, max: 9 }),
      (times, limit, sent) => {
        const all = times.map((starts, node) =>
          starts.map((startedAt, index) => session(`${node}-${index}`, startedAt)).sort(comparePlaces),
        );
        const seen: ShownSession[] = [];
        for (let before: ReturnType<typeof readPlace>; ; ) {
          const pages = all.map((sessions, node) => {
            const left = sessions.filter((each) => !before || comparePlaces(each, before) > 0);
            const page = {
              sessions: left.slice(0, Math.min(limit, sent)),
              total: sessions.length,
              left: left.length,
            };
            return { node: `${node}`, page };
          });
          const { sessions, next, total } = mergeNodePages(pages, limit);
          t.is(total, times.flat().length);
          t.true(sessions.length <= limit);
          seen.push(...sessions);
          if (next === null) break;
          t.true(sessions.length > 0);
          before = readPlace(next);
        }
        const ids = (sessions: readonly ShownSession[]) => sessions.map(({ id }) => id);
        t.deepEqual(ids(seen), ids(all.flat().sort(comparePlaces)));
      },
    ),
    { numRuns: 60 },
  );
});

test("a page is cut to what an answer may hold, and a node of many is asked for little", (t) => {
  const page: ShownPage = { sessions: [1, 2, 3].map((at) => session(`${at}`, at)), total: 3, left: 3 };
  t.is(fitPage(page, 100_000), page);
  t.is(fitPage(page, 700).sessions.length, 1);
  t.is(fitPage(page, 1).sessions.length, 1);
  t.deepEqual(
    [limitOfNode(200, 1), limitOfNode(200, 10), limitOfNode(200, 1000), limitOfNode(5, 1000)],
    [200, 80, 10, 5],
  );
});

test("what most nodes have is right; without a most all are named; who is gone counts for nothing", (t) => {
  const odd = known("c", { report: report("c", { version: "2.0.0", policies: [] }) });
  t.deepEqual(
    [...findDifferences([known("a"), known("b"), odd])],
    [
      [
        "c",
        [
          { what: "version", name: "" },
          { what: "policy", name: "auth" },
        ],
      ],
    ],
  );
  t.deepEqual([...findDifferences([known("a"), odd]).keys()], ["a", "c"]);
  t.is(findDifferences([known("a"), known("b"), { ...odd, isGone: true }]).size, 0);
  t.is(findDifferences([known("a"), known("b", { report: undefined })]).size, 0);
});

test("the most that were there count for a while, and what was seen last for as long as nothing else is", (t) => {
  let now = 0;
  const peak = new RecentPeak(100, () => now);
  t.is(peak.count, undefined);
  const see = (at: number, count: number) => {
    now = at;
    peak.see(count);
    return peak.count;
  };
  t.deepEqual(
    [see(0, 3), see(10, 1), see(20, 2), see(30, 2), see(101, 1), see(131, 1), see(140, 4)],
    [3, 3, 3, 3, 2, 1, 4],
  );
  now = 1_000;
  t.is(peak.count, 4);
});

test("of what Redis has of nodes, what cannot be read is a node of another version", (t) => {
  const rows = ["b", "2000", "{", "h-b x", "a", "6000", JSON.stringify(report("a")), "h-a 12"];
  t.like(readRoll([3000, rows]).nodes, [
    { node: "a", holder: "h-a", sessions: 12, isGone: false, seenMs: 2000, report: report("a") },
    { node: "b", holder: "h-b", sessions: 0, isGone: true, report: undefined },
  ]);
  for (const reply of [null, [], ["1", []], [1, "x"]]) t.throws(() => readRoll(reply));
});

test("a node whose own worker hangs is named like any other, and a session that is elsewhere is closed all the same", async (t) => {
  const never = () => new Promise<never>(() => {});
  const done = { answers: [{ node: "b", value: { done: true, sessions: 2 } }], unanswered: [] };
  const desk = createFleetDesk({
    ...{ node: "a", patience: 0.01, count: () => 2, readPage: never, start: never },
    own: {
      ...{ list: never, count: never, close: never, say: never, renew: never },
      ...{ steer: never, jobs: never, stopJob: never },
    },
    ask: async () => done as never,
  });
  const hangs = [{ node: "a", reason: "silent" as const }];
  t.like(await desk.count({}), { sessions: 2, unanswered: hangs });
  t.true((await desk.close("b-1", { code: 1001, reason: "" })).done);
});

test("a message that is too long for other nodes is refused where it is asked for", (t) => {
  const isTaken = (length: number) => moveSessionsSchema.safeParse({ message: "x".repeat(length) }).success;
  t.deepEqual([isTaken(60_000), isTaken(60_001)], [true, false]);
});

test("a job with a long filter is shown cut, as other nodes can read it", (t) => {
  const attributes = ["a", "b", "c"].map((name) => ({ name, value: "x".repeat(9_000) }));
  const job = showJob({
    ...{ id: "1", what: "renew", filter: { attributes }, pace: { overMs: 0, perSecond: 0, jitter: 0 } },
    ...{ startedAt: 1, state: "done", sessions: 0, done: 0, left: 0, outcomes: {}, unanswered: [] },
  });
  t.not(checkReply("jobs", { jobs: [job] }), undefined);
});

test("all workers of a node are one for a job of another node: shares by what each has left, and a dead one has none", async (t) => {
  const worker = (left: number, isDead = false): SteeredWorker => {
    let rest = left;
    return {
      selectSessions: async () => rest,
      async steerSessions(_: string, count: number) {
        if (isDead) throw new Error("gone");
        rest -= count;
        const outcomes: SteeringOutcomes = count > 0 ? { renewed: count } : {};
        return { done: count, left: rest, pending: 0, outcomes };
      },
      forgetSessions: async () => {},
    };
  };
  const group = new SteeredGroup(() => [worker(4), worker(2), worker(2, true)]);
  t.teardown(() => group.close());
  const order = { id: "1", filter: {}, act: { grounds: { cause: "admin", detail: "" } } } as const;
  t.is(await group.selectSessions(order), 8);
  t.deepEqual(await group.steerSessions("1", 4), { done: 3, left: 3, pending: 0, outcomes: { renewed: 3 } });
  t.deepEqual(await group.steerSessions("1", 9), { done: 3, left: 0, pending: 0, outcomes: { renewed: 3 } });
  t.deepEqual(await group.steerSessions("1", 9), { done: 0, left: 0, pending: 0, outcomes: {} });
  await group.selectSessions(order);
  await group.forgetSessions("1");
  t.is((await group.steerSessions("1", 9)).done, 0);
});
