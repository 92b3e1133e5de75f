import { isDeepStrictEqual } from "node:util";
import test from "ava";
import { startSimulatedNode } from "../../bench/fleet/simulated-node.ts";
import { ask } from "../admin/console.ts";
import { eventually } from "../support/eventually.ts";
import { type GatewayProcess, startGatewayProcess } from "../support/gateways/gateway-process.ts";
import { has } from "../support/needs.ts";
import { connectClient, startServer } from "../support/peers/peers.ts";
import { readRights } from "../support/redis-kv.ts";
import { startRedis } from "../support/servers/redis.ts";
import { startRedisCluster } from "../support/servers/redis-sets.ts";

const who = `export const upgrade = ({ request }) => ({ attributes: { user: request.query.user, token: "hidden" } });
export const renew = () => ({ attributes: { renewed: true } });`;

interface Listed {
  readonly id: string;
  readonly node: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

test("sessions of all nodes are listed, counted, closed and renewed from any; who hangs is named, who died is gone", async (t) => {
  if (!has(t, "redis-server")) return;
  const redis = await startRedis();
  t.teardown(() => redis.stop());
  const server = await startServer(t);
  const start = (node: string, policy = who) =>
    startGatewayProcess(t, {
      policies: { "who.ts": policy },
      config: {
        workers: 2,
        cluster: { url: redis.url, node },
        routes: [{ path: "/*", name: "all", upstream: server.url, policies: ["who"] }],
      },
    });
  const nodes = await Promise.all([start("a"), start("b"), start("c", `${who}\n// newer`)]);
  const [a, b, c] = nodes as [GatewayProcess, GatewayProcess, GatewayProcess];
  await a.output(/"cluster":"[\w-]+","node":"a","msg":"gateway ready"/);
  const call = async (node: GatewayProcess, path: string, asking = {}) =>
    (await ask(node.consolePort, `/api/v1${path}`, asking)).json;
  const states = async (node: GatewayProcess) =>
    Object.fromEntries(
      (await call(node, "/fleet")).nodes.map((each: { node: string; state: string }) => [
        each.node,
        each.state,
      ]),
    );
  /** With an answer of all but these: on a busy machine the others may be late once. */
  const callAll = async (node: GatewayProcess, path: string, but: readonly string[] = []) => {
    let answer = await call(node, path);
    const isWhole = () => answer.unanswered.map((each: { node: string }) => each.node).join() === but.join();
    await eventually(`all answer ${path}`, async () => {
      if (!isWhole()) answer = await call(node, path);
      return isWhole();
    });
    return answer;
  };
  await eventually("all are there", async () => (await call(a, "/fleet")).nodes.length === 3);

  const clients = new Map<string, Awaited<ReturnType<typeof connectClient>>>();
  for (const [index, node] of nodes.entries())
    for (const user of ["ann", "bob", "cid", "dan"])
      clients.set(`${index}${user}`, await connectClient(t, `${node.url}/?user=${user}`));

  // Any of them sees all, page by page, each once; what is hidden has not left its node.
  const seen: Listed[] = [];
  for (let before = ""; ; ) {
    const page = await callAll(b, `/sessions?limit=5${before && `&before=${before}`}`);
    t.is(page.total, 12);
    seen.push(...page.sessions);
    if (page.next === null) break;
    before = page.next;
  }
  t.is(new Set(seen.map(({ id }) => id)).size, 12);
  t.deepEqual(
    seen
      .map(({ node }) => node)
      .toSorted()
      .join(""),
    "aaaabbbbcccc",
  );
  t.false(JSON.stringify(seen).includes('"hidden"'));
  t.is((await call(c, "/sessions?scope=node")).total, 4);
  t.is((await callAll(c, "/sessions/count?attribute=user=bob")).sessions, 3);

  // What differs is at the one that has it otherwise than most.
  const differences = async () =>
    (await call(a, "/fleet")).nodes.map((each: { node: string; differences: unknown }) => [
      each.node,
      each.differences,
    ]);
  const expected = [
    ["a", []],
    ["b", []],
    ["c", [{ what: "policy", name: "who" }]],
  ];
  // What is said first of a node that starts does not name its policies yet.
  await eventually("each has said what it runs", async () =>
    isDeepStrictEqual(await differences(), expected),
  );

  // One of another node, by its id.
  const ofB = seen.find(({ node, attributes }) => node === "b" && attributes.user === "ann")!;
  t.is((await call(a, `/sessions/${ofB.id}`)).node, "b");
  t.is((await call(a, `/sessions/${ofB.id}/renew`, { body: {} })).outcome, "renewed");
  await call(a, `/sessions/${ofB.id}/messages`, { body: { to: "client", text: "from another node" } });
  t.is(await clients.get("1ann")!.next(), "from another node");

  // A breakpoint is one of all machines, and what one of them holds is decided from any.
  const breakpoint = await call(c, "/breakpoints", { body: { filter: "stop", from: "client" } });
  for (const index of [0, 1]) clients.get(`${index}ann`)!.send("stop here");
  const held = await eventually("both are held", async () => {
    const { held, breakpoints } = await call(c, "/breakpoints");
    return held.length === 2 && breakpoints.length === 1 && held;
  });
  t.deepEqual(held.map(({ node }: { node: string }) => node).toSorted(), ["a", "b"]);
  const [heldOfB] = held.filter(({ node }: { node: string }) => node === "b");
  t.is((await call(a, `/held/${heldOfB.id}`)).session, ofB.id);
  await call(a, `/held/${heldOfB.id}/release`, { body: { text: "go on" } });
  t.is(await clients.get("1ann")!.next(), "go on");
  t.is((await call(b, "/held/release", { body: {} })).messages, 1);
  t.is(await clients.get("0ann")!.next(), "stop here");
  await call(b, `/breakpoints/${breakpoint.id}`, { method: "DELETE" });
  t.deepEqual((await call(a, "/breakpoints")).breakpoints, []);

  await call(a, `/sessions/${ofB.id}/close`, { body: { code: 4001, reason: "bye" } });
  t.deepEqual(await clients.get("1ann")!.closed, { code: 4001, reason: "bye" });

  // Many: renewed on all, closed at one pace of all, seen and stopped from another node.
  const renewed = await call(b, "/sessions/renew", { body: { filter: { attribute: "user=cid" } } });
  t.deepEqual(renewed.job.outcomes, { renewed: 3 });
  const dry = await call(c, "/sessions/close", { body: { filter: { attribute: "user=dan" }, dryRun: true } });
  t.is(dry.sessions, 3);
  const slow = await call(a, "/sessions/close", {
    body: { filter: { attribute: "user=dan" }, rate: "1/h", code: 4000 },
  });
  await eventually("the first is closed", async () => {
    const { jobs } = await call(c, "/steering");
    const job = jobs.find(({ id }: { id: string }) => id === slow.job.id);
    return job?.node === "a" && job.done === 1 && job.left === 2;
  });
  t.is((await ask(c.consolePort, `/api/v1/steering/${slow.job.id}`, { method: "DELETE" })).status, 200);
  const all = await call(c, "/sessions/close", { body: { filter: { attribute: "user=bob" }, code: 4002 } });
  t.is(all.job.done, 3);
  for (const index of [0, 1, 2]) t.is((await clients.get(`${index}bob`)!.closed).code, 4002);

  // One that hangs is named, and not waited for.
  process.kill(c.pid, "SIGSTOP");
  const without = await callAll(a, "/sessions", ["c"]);
  t.deepEqual(without.unanswered, [{ node: "c", reason: "silent" }]);
  t.is(
    without.sessions.some(({ node }: Listed) => node === "c"),
    false,
  );
  t.is((await states(a)).c, "silent");
  const closing = await call(a, "/sessions/close", { body: { filter: { attribute: "user=ann" } } });
  t.deepEqual(closing.job.unanswered, ["c"]);
  t.is(closing.job.state, "done");
  process.kill(c.pid, "SIGCONT");
  await eventually("it is back", async () => (await states(a)).c === "ready");

  // One that was killed is gone when its lease has ended; one that stops says so at once.
  process.kill(c.pid, "SIGKILL");
  await eventually("it is gone", async () => (await states(a)).c === "gone");
  await callAll(a, "/sessions");
  b.process.kill("SIGTERM");
  await eventually("it has left", async () => !("b" in (await states(a))));

  // Without Redis a node has what it has itself, and says whom it cannot ask.
  const again = await start("b");
  await eventually("it is there again", async () => (await states(a)).b === "ready");
  await callAll(a, "/sessions");
  redis.pause();
  t.deepEqual((await call(a, "/sessions/count")).unanswered, [{ node: "b", reason: "silent" }]);
  redis.resume();
  await eventually("Redis is back", async () => (await states(a)).b === "ready");
  await redis.kill();
  const alone = await call(a, "/sessions");
  t.deepEqual(alone.unanswered, [{ node: "b", reason: "silent" }]);
  const lost = await call(again, "/fleet");
  t.regex(lost.problem, /^Redis does not answer/);
  t.true(lost.isLost);
  t.like(lost.nodes, { 0: { isSelf: true, state: "ready" }, length: 1 });
  t.like(await call(again, "/problems"), { problems: [{ kind: "fleet-lost", tone: "bad" }] });
  await redis.start();
  await eventually("they have found each other", async () => (await states(a)).b === "ready");
});

test("on a Redis Cluster, with the rights of the docs, a name belongs to one: who comes second is in no fleet until the first has gone, and is told", async (t) => {
  if (!has(t, "redis-server")) return;
  const [redis, sentinel] = await readRights("hunter2");
  const cluster = await startRedisCluster(0, { redis, sentinel });
  t.teardown(() => cluster.stop());
  const url = cluster.url.replace("//", "//framegate:hunter2@");
  const start = (node: string, sessions: number) => startSimulatedNode({ url, node, sessions });
  const [first, other] = await Promise.all([start("a", 3), start("b", 2)]);
  t.teardown(() => other.close());
  await eventually("both are there", () => first.fleet.nodes() === 2 && other.fleet.nodes() === 2);
  const second = await start("a", 50);
  t.teardown(() => second.close());
  await eventually(
    "the second one is told",
    async () =>
      /called "a"/.test((await second.fleet.status()).problem) && second.fleet.problem()?.kind === "name",
  );
  t.is((await other.fleet.desk.count({})).sessions, 5);
  t.is(second.fleet.nodes(), 3, "its share is no larger than that of the others");
  // Nobody means it, and it means nobody.
  t.false((await other.fleet.desk.close("a-a", { code: 1001, reason: "" })).done);
  t.is((await second.fleet.desk.count({})).sessions, 50);
  await first.close();
  await eventually("the name is free", async () => (await second.fleet.status()).problem === "");
  t.is((await other.fleet.desk.count({})).sessions, 52);
});
