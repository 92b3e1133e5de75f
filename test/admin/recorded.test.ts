import test from "ava";
import { liveMessageSchema, trafficPageSchema } from "../../core/admin/api/api-schema.ts";
import { eventually } from "../support/eventually.ts";
import { startGateway } from "../support/gateways/gateway.ts";
import { connectClient, refusedUpgrade, startServer } from "../support/peers/peers.ts";
import { startPolicies } from "../support/policies.ts";
import { ask } from "./console.ts";

const policy = `
export function upgrade() { return { attributes: { user: "anna", password: "hunter2" } }; }
export function client({ content }) { return { content: { body: "[" + content.body + "]" } }; }
`;

test("what is recorded is found, fed live and exported; secrets are nowhere", async (t) => {
  const setup = await startPolicies(
    t,
    { "mark.ts": policy },
    {
      route: { recording: true },
      config: { console: { port: 0, token: false } },
    },
  );
  const { port } = setup.gateway.gateway.addresses.console!;
  const feed = await connectClient(t, `ws://127.0.0.1:${port}/api/v1/live`);
  feed.send(JSON.stringify({ type: "traffic", id: 1, filter: {}, after: 0 }));
  const client = await setup.connect("/room?access_token=hunter2");
  client.send("hi");
  t.is(await client.next(), "[hi]");
  client.close(4000, "done");
  await client.closed;

  const seen: string[] = [];
  while (!seen.includes("close")) {
    const message = liveMessageSchema.parse(await feed.nextJson());
    if (message.type === "traffic") seen.push(...message.records.map(({ kind }) => kind));
  }
  t.true(seen.includes("upgrade") && seen.includes("frame"));
  const { json, text } = await ask(port, "/api/v1/traffic?kind=frame&origin=client");
  t.like(trafficPageSchema.parse(json).records.at(-1), { kind: "frame", outcome: "replaced" });
  const { text: upgrades } = await ask(port, "/api/v1/traffic?kind=upgrade");
  t.true(upgrades.includes("access_token"));
  const har = await ask(port, "/api/v1/traffic.har");
  t.is(har.json.log.entries.length, 1);
  const again = await setup.connect();
  const sessions = await ask(port, "/api/v1/sessions");
  t.is(sessions.json.sessions[0].attributes.user, "anna");
  for (const shown of [text, upgrades, har.text, sessions.text]) t.false(shown.includes("hunter2"));
  t.is((await ask(port, "/api/v1/sessions?attribute=password:hunter2")).status, 400);
  again.close();

  t.true((await ask(port, "/api/v1/info")).json.isRecording);
  const [{ hooks }] = (await ask(port, "/api/v1/policies")).json.policies;
  t.like(
    hooks.find(({ hook }: { hook: string }) => hook === "client"),
    { calls: 1, replaced: 1 },
  );
});

test("a session that an operator closes says so in the ledger", async (t) => {
  const setup = await startPolicies(
    t,
    {},
    { route: { recording: true }, config: { console: { port: 0, token: false } } },
  );
  const { port } = setup.gateway.gateway.addresses.console!;
  const client = await setup.connect();
  const { id } = (await ask(port, "/api/v1/sessions")).json.sessions[0];
  await ask(port, `/api/v1/sessions/${id}/close`, { body: { code: 4002, reason: "enough" } });
  t.is((await client.closed).code, 4002);
  await setup.gateway.logged(({ msg }) => msg === "session ended");
  const record = await eventually("the end is recorded", async () => {
    const { records } = (await ask(port, `/api/v1/traffic?kind=close&session=${id}`)).json;
    return records[0];
  });
  t.like(record, { initiator: "gateway", cause: "admin", code: 4002, reason: "enough" });
});

test("a listener says whether what comes by it is recorded, unless the route says it", async (t) => {
  const server = await startServer(t);
  const { gateway } = await startGateway(t, {
    routes: [
      { path: "/open", upstream: server.url },
      { path: "/never", upstream: server.url, recording: false },
      { path: "/always", upstream: server.url, recording: true },
    ],
    config: {
      listen: [
        { host: "127.0.0.1", port: 0 },
        { host: "127.0.0.1", port: 0, recording: true },
      ],
      console: { port: 0, token: false },
    },
  });
  const { listen, console } = gateway.addresses;
  const connect = async (listener: number, path: string) => {
    const client = await connectClient(t, `ws://127.0.0.1:${listen[listener]?.port}${path}`);
    client.send("hi");
    await client.next();
    client.close(1000);
    await client.closed;
  };
  for (const listener of [0, 1])
    for (const path of ["/open", "/never", "/always"]) await connect(listener, path);
  const routesOf = async (kind: string) => {
    const { records } = (await ask(console!.port, `/api/v1/traffic?kind=${kind}`)).json;
    return records.map(({ route }: { route: string }) => route).sort();
  };
  const recorded = ["/always", "/always", "/open"];
  await eventually("all have ended", async () => (await routesOf("close")).length === recorded.length);
  for (const kind of ["upgrade", "close"]) t.deepEqual(await routesOf(kind), recorded);
  t.deepEqual(new Set(await routesOf("frame")), new Set(recorded));
  const { routes } = (await ask(console!.port, "/api/v1/routes")).json;
  t.deepEqual(
    routes.map(({ name, isRecorded }: { name: string; isRecorded: boolean }) => [name, isRecorded]).sort(),
    [
      ["/always", true],
      ["/never", false],
      ["/open", true],
    ],
  );
});

test("of a refused upgrade each header is recorded that the client got, and none that it did not", async (t) => {
  const reject = `export function upgrade({ request }) {
    return { reject: { status: 401, headers: { "WWW-Authenticate": "Bearer" }, body: request.path } };
  }`;
  const route = { path: "/room", recording: true };
  const setup = await startPolicies(
    t,
    { "door.ts": reject },
    // What comes to no route is recorded as its listener has it.
    { route, config: { console: { port: 0, token: false }, recording: true } },
  );
  const { port } = setup.gateway.gateway.addresses.console!;
  for (const [path, status] of [
    ["/room", 401],
    ["/nowhere", 404],
  ] as const) {
    const { headers } = await refusedUpgrade(setup.gateway.url + path);
    const { records } = (await ask(port, `/api/v1/traffic?kind=upgrade&status=${status}`)).json;
    t.is(records.length, 1, path);
    t.deepEqual(
      records[0].response.map(([name, value]: [string, string]) => [name.toLowerCase(), value]),
      Object.entries(headers),
    );
    t.is(headers.connection, "close");
  }
});

test("recording is switched while sessions are open: on, for one route off, as the config says again", async (t) => {
  const setup = await startPolicies(
    t,
    { "mark.ts": policy },
    { config: { console: { port: 0, token: false } } },
  );
  const { port } = setup.gateway.gateway.addresses.console!;
  const switches = "/api/v1/recording-switches";
  const kinds = async () => {
    const { records } = (await ask(port, "/api/v1/traffic?after=0")).json;
    return records.map(({ kind, origin }: { kind: string; origin?: string }) =>
      kind === "frame" ? `${kind} ${origin}` : kind,
    );
  };
  const client = await setup.connect("/room?access_token=hunter2");
  const say = async (text: string) => {
    client.send(text);
    t.is(await client.next(), `[${text}]`);
  };
  await say("before");
  t.deepEqual(await kinds(), []);

  const on = await ask(port, switches, { method: "PUT", body: { sample: 1 } });
  t.like(on.json.switches[0], { route: "", sample: 1, payloadBytes: 1024, records: 0 });
  t.is(on.json.switches[0].until - on.json.switches[0].since, 900_000);
  t.deepEqual(on.json.routes[0].configured, { sample: 0, payloadBytes: 0 });
  t.is(on.json.routes[0].now.sample, 1);
  t.true((await ask(port, "/api/v1/info")).json.isRecording);
  await say("hunter2 is on");
  t.deepEqual((await kinds()).toSorted(), ["frame client", "frame server"]);

  for (const refused of [
    await ask(port, `${switches}?route=`, { method: "DELETE" }),
    await ask(port, switches, { method: "PUT", body: { route: "", sample: 0 } }),
  ])
    t.is(refused.json.error?.code, "ERR_REQUEST", "an empty name is no word for all routes");
  t.is((await ask(port, switches)).json.switches[0].sample, 1);
  const route = "/*";
  await ask(port, switches, { method: "PUT", body: { route, sample: 0, for: "1h" } });
  await say("unseen");
  await setup.gateway.gateway.reload();
  await say("unseen either");
  t.is((await kinds()).length, 2);
  t.is((await ask(port, "/api/v1/routes")).json.routes[0].isRecorded, false);
  await ask(port, `${switches}?route=${encodeURIComponent(route)}`, { method: "DELETE" });
  await say("seen");
  t.is((await kinds()).length, 4);
  client.close(1000);
  await eventually("its end is there", async () => (await kinds()).includes("close"));

  const other = await setup.connect("/");
  await ask(port, switches, { method: "PUT", body: { sample: 1, records: 3 } });
  for (const text of ["1", "2", "3"]) other.send(text);
  await eventually("it is over", async () => (await ask(port, switches)).json.switches.length === 0);
  t.is((await ask(port, switches, { method: "DELETE" })).status, 404);
  const said = setup.gateway.log.map(({ msg }) => msg);
  t.is(said.filter((msg) => msg === "recording switched by an operator").length, 3);
  t.true(said.includes("an operator has recording go by the config again"));
  t.true(said.includes("recording goes by the config again"));
  for (const body of [{ sample: 2 }, { sample: 1, for: "8d" }, { sample: 1, payload: "2MiB" }])
    t.is((await ask(port, switches, { method: "PUT", body })).status, 400);
  t.is((await ask(port, switches, { method: "PUT", body: { sample: 1, route: "/nowhere" } })).status, 404);
});
