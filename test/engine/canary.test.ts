import test, { type ExecutionContext } from "ava";
import type { RouteInput } from "../../core/config/index.ts";
import type { EnginePlan } from "../../core/engine/engine-plan.ts";
import { pointOf } from "../../core/routes/canary-shares.ts";
import type { CanaryOptions, PolicyBundle } from "../../sandbox/contract.ts";
import { bundlePolicy } from "../sandbox/support.ts";
import { eventually } from "../support/eventually.ts";
import { connectClient, echo, startServer } from "../support/peers/peers.ts";
import { planOf, startEngine } from "./support.ts";

/** Says which version it is, and counts the messages of the session. */
const counting = (tag: string) => `
  export const client = ({ session }) => {
    session.n = (session.n ?? 0) + 1;
    return { content: { body: "${tag} " + session.n } };
  };`;
const rollout = { by: "header:x-user" };

async function start(t: ExecutionContext, route: Partial<RouteInput> = {}, canarySource = counting("two")) {
  const { url: upstream } = await startServer(t, echo);
  const { engine, url } = await startEngine(t);
  const routes = [{ path: "/*", upstream, policies: ["a"], contentType: "text/plain", rollout, ...route }];
  const plan = await planOf(routes, { a: counting("one") });
  const canary = await bundlePolicy("a", canarySource);
  await engine.apply(plan);
  /** Those of the version that is on its way have `early`, from the first share on, `late`, or `last`. */
  const userAt = (fits: (point: number) => boolean) => {
    for (let n = 0; ; n++) if (fits(pointOf("a", canary.version, `u${n}`))) return `u${n}`;
  };
  const users = {
    early: userAt((point) => point < 0.05),
    late: userAt((point) => point > 0.05 && point < 0.5),
    last: userAt((point) => point > 0.5),
  };
  const connect = async (user: string | undefined) => {
    const headers: Record<string, string> = user === undefined ? {} : { "X-User": user };
    const client = await connectClient(t, url, { headers });
    return {
      ...client,
      async ask(): Promise<string> {
        client.send("m");
        return String(await client.next());
      },
    };
  };
  return { engine, plan, canary, users, connect };
}

/** The same plan once more, with or without a version on its way. */
function withCanary(
  plan: EnginePlan,
  canary?: { share: number; bundle?: PolicyBundle; version: string },
): EnginePlan {
  return { ...plan, bundles: [], canaries: canary === undefined ? [] : [{ policy: "a", ...canary }] };
}

test("sessions go over with their state as the share grows, come back when it is taken back, and go over for good", async (t) => {
  const { engine, plan, canary, users, connect } = await start(t);
  const { version } = canary;
  const [early, late, last, nobody] = await Promise.all(
    [users.early, users.late, users.last, undefined].map(connect),
  );
  const askAll = () => Promise.all([early, late, last, nobody].map((client) => client?.ask()));
  t.deepEqual(await askAll(), ["one 1", "one 1", "one 1", "one 1"]);

  await engine.apply(withCanary(plan, { share: 0.05, version, bundle: canary }));
  t.deepEqual(await askAll(), ["two 2", "one 2", "one 2", "one 2"]);
  await engine.apply(withCanary(plan, { share: 0.5, version }));
  t.deepEqual(await askAll(), ["two 3", "two 3", "one 3", "one 3"]);
  // New ones as open ones.
  t.is(await (await connect(users.late)).ask(), "two 1");

  const [tallies] = engine.takeTallies();
  t.like(tallies, {
    policy: "a",
    canary: { version, calls: 4, faults: 0, sessions: 3, closes: 0, isBroken: false },
  });
  t.like(tallies?.current, { calls: 5, sessions: 3 });
  t.is(
    tallies?.canary.latency.reduce((sum, [, calls]) => sum + calls, 0),
    4,
  );
  t.like(engine.takeTallies()[0], { canary: { calls: 0 }, current: { calls: 0 } });

  await engine.apply(withCanary(plan));
  t.deepEqual(await askAll(), ["one 4", "one 4", "one 4", "one 4"]);
  t.deepEqual(engine.takeTallies(), []);

  await engine.apply(withCanary(plan, { share: 0.05, version, bundle: canary }));
  t.deepEqual(await askAll(), ["two 5", "one 5", "one 5", "one 5"]);
  // It is not loaded once more: what it has kept in its own memory would be gone.
  await engine.apply({ ...plan, bundles: [canary] });
  t.deepEqual(await askAll(), ["two 6", "two 6", "two 6", "two 6"]);
  t.deepEqual([...engine.pinnedVersions()], []);
});

test("hooks that only one of the versions has run on its side only", async (t) => {
  const other = "export const server = () => ({ content: { body: 'server' } });";
  const { engine, plan, canary, users, connect } = await start(t, {}, other);
  const [early, last] = await Promise.all([users.early, users.last].map(connect));
  await engine.apply(withCanary(plan, { share: 0.05, version: canary.version, bundle: canary }));
  t.deepEqual([await early?.ask(), await last?.ask()], ["server", "one 1"]);
  await engine.apply(withCanary(plan));
  t.deepEqual([await early?.ask(), await last?.ask()], ["one 1", "one 2"]);
});

const telling = "export const client = ({ options }) => ({ content: { body: JSON.stringify(options) } });";

/** The routes of this plan, where this version has options of its own. */
function withOptions({ routes }: EnginePlan, canaryOptions: CanaryOptions): EnginePlan["routes"] {
  return routes.map((route) => ({
    ...route,
    chain: route.chain.map((binding) => ({ ...binding, canaryOptions })),
  }));
}

test("a version on its way has options of its own, in sessions that were open before too, and no other has them", async (t) => {
  const { engine, plan, canary, users, connect } = await start(t, {}, telling);
  const [early, last] = await Promise.all([users.early, users.last].map(connect));
  t.deepEqual([await early?.ask(), await last?.ask()], ["one 1", "one 1"]);
  const { version } = canary;
  const routes = withOptions(plan, { version, options: { limit: 2 } });
  await engine.apply({ ...withCanary(plan, { share: 0.05, version, bundle: canary }), routes });
  t.deepEqual([await early?.ask(), await last?.ask()], ['{"limit":2}', "one 2"]);
  await engine.apply(withCanary(plan));
  // With the schema of the first.
  const next = await bundlePolicy("a", telling.replace("JSON", '"next " + JSON'));
  await engine.apply(withCanary(plan, { share: 1, version: next.version, bundle: next }));
  t.deepEqual([await early?.ask(), await last?.ask()], ["next {}", "next {}"]);
});

test("with `pin` a session has the options of the version that it began with, also once that is for all", async (t) => {
  const { engine, plan, canary, users, connect } = await start(t, { reload: "pin" }, telling);
  const { version } = canary;
  const routes = withOptions(plan, { version, options: { limit: 2 } });
  await engine.apply({ ...withCanary(plan, { share: 0.05, version, bundle: canary }), routes });
  const client = await connect(users.early);
  await engine.apply({ ...plan, bundles: [canary] });
  t.is(await client.ask(), '{"limit":2}');
});

test("with `pin` a session whose version is taken back has the hooks of the one that serves it then", async (t) => {
  const redacting = "export const server = () => ({ content: { body: 'redacted' } });";
  const forgetful = "export const client = () => {};";
  const { engine, plan, canary, users, connect } = await start(t, { reload: "pin" }, forgetful);
  await engine.apply({ ...plan, bundles: [await bundlePolicy("a", redacting)] });
  await engine.apply(withCanary(plan, { share: 0.05, version: canary.version, bundle: canary }));
  const client = await connect(users.early);
  t.is(await client.ask(), "m");
  await engine.apply(withCanary(plan));
  t.is(await client.ask(), "redacted");
});

test("an attribute counts from when it is known, and a session whose `upgrade` is refused is one that the version has ended", async (t) => {
  const naming = `export const upgrade = ({ request }) => ({ attributes: { user: request.headers.get("x-user") } });`;
  const refusing = "export const upgrade = () => ({ reject: { status: 401 } });";
  const { engine, plan, canary, users, connect } = await start(
    t,
    { policies: ["name", "a"], rollout: { by: "attribute:user" } },
    refusing,
  );
  const name = await bundlePolicy("name", naming);
  const { version } = canary;
  await engine.apply({ ...withCanary(plan, { share: 0.05, version, bundle: canary }), bundles: [name] });
  await t.throwsAsync(() => connect(users.early), { message: /401/ });
  t.is(await (await connect(users.late))?.ask(), "one 1");
  t.like(engine.takeTallies()[0]?.canary, { calls: 1, sessions: 1, closes: 1 });
});

test("with `pin` a session keeps the version that it began with, unless that is taken back; what nobody holds is dropped", async (t) => {
  const { engine, plan, canary, users, connect } = await start(t, { reload: "pin" });
  const { version } = canary;
  const before = await connect(users.early);
  await engine.apply(withCanary(plan, { share: 0.05, version, bundle: canary }));
  const [early, late] = await Promise.all([users.early, users.late].map(connect));
  const askAll = () => Promise.all([before, early, late].map((client) => client?.ask()));
  t.deepEqual(await askAll(), ["one 1", "two 1", "one 1"]);
  await engine.apply(withCanary(plan, { share: 0.5, version }));
  t.deepEqual(await askAll(), ["one 2", "two 2", "one 2"]);
  await engine.apply(withCanary(plan));
  t.deepEqual(await askAll(), ["one 3", "one 3", "one 3"]);
  await engine.apply(withCanary(plan, { share: 0.05, version, bundle: canary }));
  const again = await connect(users.early);
  t.is(await again.ask(), "two 1");
  await engine.apply({ ...plan, bundles: [canary] });
  // The version that it was pinned to is no more: it follows the newest.
  t.deepEqual(await askAll(), ["one 4", "two 4", "one 4"]);
  t.is(await again.ask(), "two 2");
  t.deepEqual([...engine.pinnedVersions()], [["a", 1]]);
  for (const client of [before, early, late]) client?.close();
  await eventually("the version before is dropped", () => engine.pinnedVersions().size === 0);
});

test("with `recycle` open sessions stay where they are, and end when all are to have the new version", async (t) => {
  const { engine, plan, canary, users, connect } = await start(t, {
    reload: "recycle",
    recycleSpread: "1ms",
  });
  const { version } = canary;
  const before = await connect(users.early);
  await engine.apply(withCanary(plan, { share: 0.05, version, bundle: canary }));
  const early = await connect(users.early);
  t.deepEqual([await before.ask(), await early.ask()], ["one 1", "two 1"]);
  await engine.apply({ ...plan, bundles: [canary] });
  t.is((await before.closed).code, 1012);
  // It would keep its version for life.
  const last = await connect(users.last);
  await engine.apply({
    ...plan,
    bundles: [],
    routes: plan.routes.map(({ config, chain }) => {
      const { recycleSpreadMs: _, ...session } = config.session;
      return { config: { ...config, session }, chain };
    }),
  });
  t.is((await last.closed).code, 1012);
});
