import test, { type ExecutionContext } from "ava";
import type { HookRecord } from "../../../core/traffic/records.ts";
import { ask } from "../../admin/console.ts";
import { eventually } from "../../support/eventually.ts";
import { startGateway, type TestGateway } from "../../support/gateways/gateway.ts";
import { connectClient, type TestPeer } from "../../support/peers/peers.ts";
import { startUpgradeServer, type UpgradeServer } from "../../support/servers/upgrade-server.ts";

/** Who may stay says so in a message: `{ "until": … }`. */
const leased = `
import type { Message, Renew, Upgrade } from "framegate/policy";
export const upgrade: Upgrade = ({ request }) => ({
  attributes: { by: "upgrade" },
  expires: Date.now() + Number(request.query.ms),
  ...(request.query.renewAt ? { renewAt: Date.now() + Number(request.query.renewAt) } : {}),
});
export const client: Message = ({ content }) => {
  const { until } = content.json();
  if (until !== undefined) return { drop: true, renew: { until } };
};
export const renew: Renew = ({ reason, data, websock }) => {
  if (data?.until === "bad") return { close: { code: 4001, reason: "bad token" } };
  if (data?.until === "fault") throw new Error("cannot tell");
  if (reason === "time" && websock.context.request.query.fails) throw new Error("cannot tell");
  const expires = Math.max(data?.until ?? 0, Date.now() + 60_000);
  return { attributes: { by: reason }, expires, toClient: [{ renewed: reason, expires }], toServer: [{ renewed: reason }] };
};
`;

/** Behind it in the chain: shows what it knows of the connection. */
const shows = `
import type { Message } from "framegate/policy";
export const client: Message = ({ content, websock: { context } }) => ({
  content: { set: { by: context.attributes.by, hasExpiry: context.expires !== null } },
});
export const server: Message = ({ content }) => ({ content: { set: { seen: true } } });
`;

const ticks = (mark: string, every: number) => `
import type { Close, Message, Tick, When } from "framegate/policy";
export const when = { tick: { every: ${every} }, client: { json: { type: ["at", "stop", "bye"] } } } satisfies When;
export const client: Message = ({ content }) => {
  const { type, at } = content.json();
  if (type === "bye") return { drop: true, tick: { in: 0 } };
  return { drop: true, tick: type === "stop" ? false : { at } };
};
export const tick: Tick = ({ time, late, session }) => {
  session.count = (session.count ?? 0) + 1;
  const tick = { mark: "${mark}", count: session.count, time, late };
  return { toClient: [tick], toServer: [tick], ...(session.count === 1000 ? { close: { code: 4002 } } : {}) };
};
`;

const others = `
import type { Tick, Upgrade, Message } from "framegate/policy";
export const upgrade: Upgrade = ({ request }) => ({ tick: { in: Number(request.query.in) } });
export const tick: Tick = ({ websock }) => {
  if (websock.context.request.query.fails) throw new Error("broken");
  return { close: { code: 4003, reason: "time is up" } };
};
`;

const quiet = "export const client = ({ content }) => ({ content: { body: content.body } });";

let server: UpgradeServer;
let gateway: TestGateway;
const teardowns: (() => unknown)[] = [];

test.before(async () => {
  const scope = { teardown: (fn: () => unknown) => void teardowns.push(fn) };
  server = await startUpgradeServer(scope);
  const upstream = server.url;
  gateway = await startGateway(scope, {
    policies: {
      ...{ "leased.ts": leased, "shows.ts": shows, "ticks.ts": ticks("first", 60), "others.ts": others },
      ...{ "quiet.ts": quiet, "reloaded.ts": ticks("before", 3_600_000) },
    },
    routes: [
      { path: "/leased", upstream, policies: ["leased", "shows"], recording: true },
      { path: "/ticks", upstream, policies: ["shows", "ticks"] },
      { path: "/reloaded", upstream, policies: ["reloaded"] },
      { path: "/others", upstream, policies: ["others"], recording: true },
      { path: "/others-pass", upstream, policies: ["others"], onError: "pass" },
      { path: "/quiet", upstream, policies: ["quiet"] },
    ],
    config: { console: { port: 0, token: false } },
  });
});

test.after.always(async () => {
  for (const teardown of teardowns.reverse()) await teardown();
});

async function open(t: ExecutionContext, path: string): Promise<{ client: TestPeer; server: TestPeer }> {
  const [client, accepted] = await Promise.all([
    connectClient(t, gateway.url + path),
    server.upgrade(path).then((upgrade) => upgrade.accept()),
  ]);
  return { client, server: accepted };
}

// biome-ignore lint/suspicious/noExplicitAny: what a test expects in it, it compares
const nextOf = (peer: TestPeer): Promise<any> => peer.nextJson();

const send = (peer: TestPeer, message: object) => peer.send(JSON.stringify(message));

/** Of the only open session of a route, by the API. */
async function sessionOf(route: string) {
  const { port = 0 } = gateway.gateway.addresses.console ?? {};
  const call = (path: string, method = "GET") => ask(port, `/api/v1${path}`, { method });
  const { sessions } = (await call(`/sessions?route=${encodeURIComponent(route)}`)).json;
  const page = await call(`/traffic?kind=hook&route=${encodeURIComponent(route)}`);
  return { call, sessions, records: page.json.records as readonly HookRecord[] };
}

test.serial("an idle socket ends at its expiry", async (t) => {
  const begun = Date.now();
  const { client, server: far } = await open(t, "/leased?ms=400");
  t.deepEqual(await client.closed, { code: 1008, reason: "expired" });
  t.deepEqual(await far.closed, { code: 1008, reason: "expired" });
  t.true(Date.now() >= begun + 400, "not before");
  const end = await gateway.logged(({ msg, cause }) => msg === "session ended" && cause === "expires");
  t.like(end, { policy: "leased", rule: "expires" });
  t.regex(String(end.version), /^[0-9a-f]{12}$/);
});

test.serial(
  "one that a message renews lives on past its first expiry, and all policies see it renewed",
  async (t) => {
    const ms = 3000;
    const begun = Date.now();
    const { client, server: far } = await open(t, `/leased?ms=${ms}`);
    send(client, { n: 1 });
    t.deepEqual(await nextOf(far), { n: 1, by: "upgrade", hasExpiry: true });
    send(client, { until: begun + 60_000 });
    send(client, { n: 2 });
    t.like(await nextOf(client), { renewed: "message" });
    // What `renew` sends to the server passes the policy behind it.
    const later = [await nextOf(far), await nextOf(far)];
    t.deepEqual(
      later.find(({ n }) => n === 2),
      { n: 2, by: "message", hasExpiry: true },
    );
    t.like(
      later.find(({ n }) => n === undefined),
      { renewed: "message", by: "message" },
    );
    await gateway.logged(
      ({ msg, reason }) => msg === "session renewed by its policy" && reason === "message",
    );
    const { sessions, records } = await sessionOf("/leased");
    const recorded = records.find(({ session }) => session === sessions[0].id);
    t.like(recorded, { hook: "renew", by: "message", outcome: "renewed", attributes: { by: "message" } });
    t.true((recorded?.expires ?? 0) >= begun + 60_000);
    t.deepEqual(
      recorded?.toServer.map(({ data }) => data),
      ['{"renewed":"message"}'],
    );
    t.deepEqual(
      sessions.map(({ attributes }: { attributes: object }) => attributes),
      [{ by: "message" }],
    );
    await eventually("its first expiry to be over", () => Date.now() > begun + ms + 100);
    send(client, { n: 3 });
    t.like(await nextOf(far), { n: 3 });
    send(client, { until: "bad" });
    send(client, { n: 4 });
    t.deepEqual(await client.closed, { code: 4001, reason: "bad token" });
    t.is(far.left.length, 0, "nothing behind it has passed");
  },
);

test.serial("by request and by time, too; a hook that fails leaves the expiry as it is", async (t) => {
  const byTime = await open(t, "/leased?ms=60000&renewAt=100");
  t.like(await nextOf(byTime.client), { renewed: "time" });
  const { call, sessions } = await sessionOf("/leased");
  const answer = await call(`/sessions/${sessions[0].id}/renew`, "POST");
  t.deepEqual(answer.json, { outcome: "renewed" });
  t.like(await nextOf(byTime.client), { renewed: "request" });
  byTime.client.ws.close();
  t.is((await call("/sessions/none/renew", "POST")).status, 404);

  const failing = await open(t, "/leased?ms=2000&renewAt=50&fails=1");
  t.deepEqual(await failing.client.closed, { code: 1008, reason: "expired" });
  t.truthy(await gateway.logged(({ hook, policy }) => hook === "renew" && policy === "leased"));
  const { records } = await sessionOf("/leased");
  t.like(records[0], {
    hook: "renew",
    by: "time",
    outcome: "failed",
    detail: "`renew` threw Error: cannot tell",
    toClient: [],
  });
  t.regex(String(records[0]?.place), /leased\.ts:15:/);
  t.like(records[1], { hook: "renew", by: "request", outcome: "renewed", attributes: { by: "request" } });
  const broken = await open(t, "/leased?ms=60000");
  send(broken.client, { until: "fault" });
  t.deepEqual(await broken.client.closed, { code: 1011, reason: "internal error" });
});

test.serial(
  "tick speaks to both sides, at its interval, at a time, and not any more when told so",
  async (t) => {
    const { client, server: far } = await open(t, "/ticks");
    for (const count of [1, 2, 3]) {
      t.like(await nextOf(client), { mark: "first", count, seen: true });
      t.like(await nextOf(far), { mark: "first", count });
    }
    send(client, { type: "stop" });
    const at = Date.now() + 300;
    send(client, { type: "at", at });
    const { time, late } = await eventually("the tick at that time", async () => {
      const tick = await nextOf(client);
      return tick.time >= at && tick;
    });
    t.true(time >= at && late >= 0);
    client.ws.close();
  },
);

test.serial("a new version's interval counts for connections that are open", async (t) => {
  const { client } = await open(t, "/reloaded");
  send(client, { type: "at", at: Date.now() });
  t.like(await nextOf(client), { mark: "before", count: 1 });
  await gateway.write("reloaded.ts", ticks("after", 60));
  t.like(await nextOf(client), { mark: "after", count: 2 });
  t.like(await nextOf(client), { mark: "after", count: 3 });
  client.ws.close();
});

test.serial(
  "a tick may close, and one that fails does as onError says; without the hook there is none",
  async (t) => {
    const { client, server: far } = await open(t, "/others?in=60");
    t.deepEqual(await client.closed, { code: 4003, reason: "time is up" });
    t.deepEqual(await far.closed, { code: 4003, reason: "time is up" });
    const { records } = await sessionOf("/others");
    t.like(records[0], { hook: "tick", policy: "others", outcome: "closed", detail: "4003 time is up" });
    const failing = await open(t, "/others?in=60&fails=1");
    t.deepEqual(await failing.client.closed, { code: 1011, reason: "internal error" });
    const passing = await open(t, "/others-pass?in=60&fails=1");
    await eventually("its tick to fail", () =>
      gateway.log.some(({ hook, route }) => hook === "tick" && route === "/others-pass"),
    );
    passing.client.send("still here");
    t.is(await passing.server.next(), "still here");
    const { call, sessions } = await sessionOf("/others-pass");
    t.deepEqual((await call(`/sessions/${sessions[0].id}/renew`, "POST")).json, { outcome: "no-hook" });
    const silent = await open(t, "/quiet");
    silent.client.send("a");
    t.is(await silent.server.next(), "a");
    t.is(silent.client.left.length, 0);
  },
);
