import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import type { RolloutView } from "../../core/admin/api/rollout-schema.ts";
import type { RolloutConfig } from "../../core/config/index.ts";
import { createFleetRollouts } from "../../core/fleet/rollouts/fleet-rollouts.ts";
import { openFleetStore } from "../../core/fleet/store.ts";
import type { Harm } from "../../core/rollout/health.ts";
import type { OwnWay, SharedPlace, SharedWord } from "../../core/rollout/shared-way.ts";
import { ask } from "../admin/console.ts";
import { runCommand } from "../cli/in-process.ts";
import { eventually } from "../support/eventually.ts";
import { startGatewayProcess } from "../support/gateways/gateway-process.ts";
import { has } from "../support/needs.ts";
import { connectClient, echo, startServer, type TestClient } from "../support/peers/peers.ts";
import { startRedis } from "../support/servers/redis.ts";

const says = (word: string) => `export const client = () => ({ content: { body: "${word}" } });`;
const nothing = { calls: 0, faults: 0, sessions: 0, closes: 0, latency: [] };
const bad = "export const client = () => { throw new Error('always'); };";

test("a version goes from one machine to all, and what is done to it on one is done on all", async (t) => {
  if (!has(t, "redis-server")) return;
  const redis = await startRedis();
  t.teardown(() => redis.stop());
  const { url: upstream } = await startServer(t, echo);
  const policies = await mkdtemp(join(tmpdir(), "framegate-"));
  t.teardown(() => rm(policies, { recursive: true, force: true }));
  const save = (name: string, text: string) => writeFile(join(policies, `${name}.ts`), text);
  for (const name of ["auto", "hand", "bad"]) await save(name, says("one"));
  const steps = { steps: ["50%", "100%"], machines: [1, "100%"] as (number | string)[] };
  const route = (name: string, rollout: object) => ({
    ...{ path: `/${name}`, upstream, contentType: "text/plain" as const, policies: [name] },
    rollout: { ...steps, ...rollout },
  });
  const start = (node: string) =>
    startGatewayProcess(t, {
      config: {
        workers: 0,
        policies,
        cluster: { url: redis.url, node },
        routes: [
          route("auto", { every: 0, minCalls: 5 }),
          route("bad", { every: "1h" }),
          route("hand", { every: "1h" }),
        ],
      },
    });
  const started = await Promise.all([start("a"), start("b"), start("c")]);
  const nodes = { a: started[0]!, b: started[1]!, c: started[2]! } as const;
  type Node = keyof typeof nodes;
  const names = ["a", "b", "c"] as const;
  const status = async (node: Node, policy: string): Promise<RolloutView | undefined> =>
    (await ask(nodes[node].consolePort, "/api/v1/rollouts")).json.rollouts.find(
      (each: RolloutView) => each.policy === policy,
    );
  const say = (node: Node, policy: string, word: string, body: object = {}) =>
    ask(nodes[node].consolePort, `/api/v1/rollouts/${policy}/${word}`, { body });
  const states = (view: RolloutView | undefined) =>
    Object.fromEntries(view?.fleet?.machines.map(({ node, state }) => [node, state]) ?? []);
  const takingPart = (view: RolloutView | undefined) =>
    names.filter((node) => states(view)[node] === "taking part");

  const clients = new Map<string, readonly TestClient[]>();
  const connect = async (node: Node, policy: string) => {
    const made = Array.from({ length: 12 }, () => connectClient(t, `${nodes[node].url}/${policy}`));
    clients.set(`${node}${policy}`, await Promise.all(made));
  };
  /** What the sessions of each machine say. */
  const answers = async (node: Node, policy: string) => {
    const all = clients.get(`${node}${policy}`) ?? [];
    for (const client of all) client.send("m");
    return new Set(await Promise.all(all.map((client) => client.next())));
  };
  const whoHas = async (word: string, policy: string, asked: readonly Node[] = names) => {
    const all = await Promise.all(asked.map(async (node) => [node, await answers(node, policy)] as const));
    return all.flatMap(([node, heard]) => (heard.has(word) ? [node] : []));
  };
  for (const node of names) for (const policy of ["auto", "hand", "bad"]) await connect(node, policy);

  // On the first machine only; the others have heard of it, and wait.
  // Nobody calls the other one for now.
  await Promise.all([save("hand", says("two")), save("bad", bad)]);
  const begun = await eventually("one takes part", async () => {
    const view = await status("b", "hand");
    return view?.fleet?.machines.length === 3 && takingPart(view).length === 1 && view;
  });
  t.like(begun, { state: "on its way", share: 0.5, step: 1 });
  const [first] = takingPart(begun) as [Node];
  const [second, third] = names.filter((node) => node !== first) as [Node, Node];
  await eventually("its sessions have it", async () => (await whoHas("two", "hand")).length > 0);
  t.deepEqual(await whoHas("two", "hand"), [first]);
  const command = async (...args: readonly string[]) =>
    (await runCommand([...args, "--gateway", `http://127.0.0.1:${nodes[second].consolePort}`])).stdout;
  const told = await command("rollout", "status", "hand");
  t.regex(told, /^hand .* on its way +50% on 1\/3 +1\/2 /m);
  t.regex(told, new RegExp(`^hand +${first} +taking part +\\d+ +0 `, "m"));
  t.regex(told, new RegExp(`^hand +${third} +waiting +0 +0 +0 +0 +-$`, "m"));
  const where = names.map((node) => (node === first ? `${node} 50%` : `${node} waits`)).join(", ");
  await eventually("it is seen in the fleet's status", async () =>
    (await command("fleet", "status")).includes(`hand: ${begun.version} is on its way: ${where}`),
  );

  // One abort stops all, whichever machine is told; the same version is tried again on all of them, too.
  t.is((await say(second, "hand", "abort")).status, 200);
  await eventually("all have taken it back", async () => {
    const views = await Promise.all(names.map((node) => status(node, "hand")));
    return views.every((view) => view?.state === "taken back" && view.rule === "operator");
  });
  t.deepEqual(await whoHas("two", "hand"), []);
  t.is((await say(third, "hand", "promote")).status, 200);
  await eventually("it has begun again", async () => takingPart(await status(first, "hand"))[0] === first);
  t.is((await say(second, "hand", "pause")).status, 200);
  await eventually("all stay", async () => (await status(third, "hand"))?.state === "paused");
  t.is((await say(third, "hand", "resume")).status, 200);
  t.is((await say(second, "hand", "promote")).status, 200);
  await eventually("all take part", async () => takingPart(await status(second, "hand")).length === 3);
  await eventually("all have it", async () => (await whoHas("two", "hand")).length === 3);

  // A machine that hangs is named, and not waited for; it finds out when it is back.
  process.kill(nodes[third].pid, "SIGSTOP");
  await eventually("it is named", async () => states(await status(first, "hand"))[third] === "silent");
  t.is((await say(first, "hand", "promote", { to: "100%" })).json.rollout, null);
  await eventually("the other has it too", async () => (await status(second, "hand")) === undefined);
  process.kill(nodes[third].pid, "SIGCONT");
  await eventually("all sessions have it", async () => (await status(third, "hand")) === undefined);
  t.deepEqual(await whoHas("one", "hand"), []);

  // One that does harm on its first machine never comes to another.
  const harmed = await eventually(
    "it is on one machine",
    async () => takingPart(await status("a", "bad"))[0],
  );
  await eventually("it has done harm", async () => {
    for (const { ws } of clients.get(`${harmed}bad`) ?? []) if (ws.readyState === ws.OPEN) ws.send("m");
    return (await status(harmed, "bad"))?.state === "taken back";
  });
  for (const node of names) {
    const view = await eventually("it is taken back there", async () => {
      const seen = await status(node, "bad");
      return seen?.state === "taken back" && seen;
    });
    t.is(view.rule, "faults");
    t.regex(view.reason, node === harmed ? /calls failed/ : new RegExp(`calls failed.* \\(on ${harmed}\\)$`));
  }
  for (const node of names.filter((each) => each !== harmed))
    t.deepEqual(await answers(node, "bad"), new Set(["one"]));

  // While Redis is lost nothing goes on. What was taken back meanwhile is so on all when it is back.
  await save("auto", says("two"));
  await save("hand", says("three"));
  const [ahead] = await eventually("both have begun", async () => {
    const chosen = takingPart(await status("a", "auto"));
    return takingPart(await status("a", "hand")).length === 1 && chosen.length === 1 && chosen;
  });
  await redis.kill();
  await eventually("it is lost", async () => (await status("a", "auto"))?.fleet?.problem);
  await eventually("enough calls", async () => {
    await answers(ahead as Node, "auto");
    return ((await status(ahead as Node, "auto"))?.canary.calls ?? 0) >= 30;
  });
  t.deepEqual(await whoHas("two", "auto"), [ahead]);
  t.is((await say("a", "auto", "promote")).status, 503);
  t.is((await say("a", "hand", "abort")).json.rollout.state, "taken back");
  t.is((await status("b", "hand"))?.state, "on its way");
  await redis.start();
  await eventually("it is taken back", async () => (await status("b", "hand"))?.state === "taken back");
  await eventually("it comes to all by itself", async () => {
    await whoHas("two", "auto");
    const views = await Promise.all(names.map((node) => status(node, "auto")));
    return views.every((view) => view === undefined);
  });
  t.deepEqual(await whoHas("one", "auto"), []);
});

test("whatever many machines do at once, each step is taken once, and what Redis has lost they write again", async (t) => {
  if (!has(t, "redis-server")) return;
  const redis = await startRedis();
  t.teardown(() => redis.stop());
  const config: RolloutConfig = {
    ...{ steps: [0.1, 0.2, 0.3, 0.4, 0.5], everyMs: 0, by: { source: "session" }, minCalls: 1, abort: {} },
  };
  const machines = Array.from({ length: 12 }, (_, index) => {
    const cluster = { url: redis.url, name: "framegate", node: `node-${index}` };
    const store = openFleetStore(cluster, undefined, () => {});
    const way = createFleetRollouts(store);
    t.teardown(() => way.close().then(() => store.close()));
    let place: SharedPlace | undefined;
    const own = (harm?: Harm): OwnWay => ({
      ...{ policy: "p", version: "v2", config, at: place, harm },
      isTakingPart: place?.isTakingPart === true,
      numbers: { canary: { ...nothing, calls: 1 }, stable: nothing },
    });
    return {
      seen: () => place,
      tell: (word: SharedWord) => way.tell(own(), word),
      async report(harm?: Harm) {
        place = (await way.report(own(harm))) ?? place;
        return place;
      },
    };
  });
  const [first, second] = machines as [(typeof machines)[0], (typeof machines)[0]];
  const all = (harm?: Harm) => Promise.all(machines.map(({ report }) => report(harm)));
  const key = redis.ask.bind(undefined, "HGET");
  await eventually("all are at the last step", async () =>
    (await all()).every((place) => place?.stage === 4),
  );
  const [name] = redis.ask("KEYS", "*:record").split("\n") as [string];
  // One to begin with, and one more for each of four steps.
  t.is(key(name, "revision"), "5");

  // Twelve say the same: it is done once.
  const words = await Promise.all(machines.map(({ tell }) => tell({ type: "pause" })));
  t.is(words.filter((place) => place !== undefined).length, 1);
  t.is(key(name, "revision"), "6");

  // A replica that knows less has taken over; one that knows more says so.
  const old = key(name, "record");
  t.like(await first.tell({ type: "resume" }), { state: "on its way" });
  redis.ask("HSET", name, "revision", "6", "record", old);
  t.like(await first.report(), { state: "on its way" });
  redis.ask("FLUSHALL");
  t.like(await second.report(), { stage: 4 });
  t.like(await first.report(), { stage: 4, state: "on its way" });

  // What one has taken back all have, and what it had before says nothing when it is tried again.
  const harm = { rule: "host", detail: "it has cost its sandbox host" } as const;
  await second.report(harm);
  t.true((await all()).every((place) => place?.state === "taken back"));
  t.like(await first.tell({ type: "promote" }), { round: 2, stage: 0 });
  t.like(await second.report(harm), { round: 2, state: "on its way" });
});
