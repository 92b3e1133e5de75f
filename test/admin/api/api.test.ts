import { unlink } from "node:fs/promises";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { z } from "zod";
import {
  infoSchema,
  policiesSchema,
  policySchema,
  pulsesSchema,
  routesSchema,
  sessionsPageSchema,
} from "../../../core/admin/api/api-schema.ts";
import { readDocument } from "../../docs/documents.ts";
import { eventually } from "../../support/eventually.ts";
import { echo, refusedUpgrade, startServer } from "../../support/peers/peers.ts";
import { type PolicySetupOptions, startPolicies } from "../../support/policies.ts";
import { type Asking, ask, startConsole } from "../console.ts";

const name = encodeURIComponent;

async function startObserved(
  t: ExecutionContext,
  policies: Readonly<Record<string, string>> = {},
  options: PolicySetupOptions = {},
) {
  const setup = await startPolicies(t, policies, {
    ...options,
    config: { console: { port: 0, token: false }, ...options.config },
  });
  const port = setup.gateway.gateway.addresses.console!.port;
  return { ...setup, port, call: (path: string, asking?: Asking) => ask(port, `/api/v1${path}`, asking) };
}

const tagging = (text: string) => `export function client() { return { content: { body: "${text}" } }; }`;

test("info says what runs where", async (t) => {
  const { call, gateway } = await startObserved(t);
  const info = infoSchema.parse((await call("/info")).json);
  t.deepEqual(info.listeners, [gateway.url]);
  t.is(info.state, "ready");
  t.is(info.policiesDir, gateway.dir);
});

test("sessions are listed, found by route, client and attribute, shown and gone", async (t) => {
  const policy = `export function upgrade(context) { return { attributes: { user: context.request.query.user, level: 3 } }; }`;
  const { call, connect } = await startObserved(t, { "who.ts": policy });
  const anna = await connect("/room?user=anna");
  const bert = await connect("/room?user=bert");
  anna.send("hi");
  await anna.next();

  const list = async (query: string) => {
    const { sessions, total } = sessionsPageSchema.parse((await call(`/sessions?${query}`)).json);
    t.is(total >= sessions.length, true);
    return sessions;
  };
  t.is((await list("")).length, 2);
  t.is((await list("limit=1")).length, 1);
  const [session] = await list("attribute=user:anna");
  t.is((await list("attribute=user:anna")).length, 1);
  t.like(session, {
    route: "/*",
    path: "/room",
    messages: { client: 1, server: 1 },
    bytes: { client: 2, server: 2 },
  });
  t.deepEqual(session?.attributes, { user: "anna", level: 3 });
  t.is(session?.client, `127.0.0.1:${anna.socket.localPort}`);
  t.is((await list("attribute=level:3")).length, 2);
  t.is((await list("attribute=user")).length, 2);
  t.is((await list("attribute=other")).length, 0);
  t.is((await list(`client=${name(session!.client)}`)).length, 1);
  const misspelt = await call("/sessions?route=/nothing");
  t.is(misspelt.status, 404);
  t.is(misspelt.json.error.message, 'no route "/nothing"; there are: /*');
  t.is((await call(`/sessions/${session!.id}`)).json.id, session!.id);

  const body = { code: 4001, reason: "by an operator" };
  t.is((await call(`/sessions/${session!.id}/close`, { body })).status, 200);
  t.deepEqual(await anna.closed, body);
  bert.send("still here");
  t.is(await bert.next(), "still here");
  for (const path of [`/sessions/${session!.id}`, "/sessions/nobody"]) {
    const { status, json } = await call(path);
    t.is(status, 404);
    t.is(json.error.code, "ERR_NOT_FOUND");
  }
  t.is((await call("/sessions/nobody/close", { body })).status, 404);
});

test("a close code that may not be on the wire, or a reason too long for it, is refused", async (t) => {
  const { call, connect } = await startObserved(t);
  await connect();
  const { id } = (await call("/sessions")).json.sessions[0];
  for (const body of [
    { code: 1005 },
    { code: 1006 },
    { code: 999 },
    { code: "x" },
    { code: 5000 },
    { reason: "ö".repeat(62) },
  ]) {
    const { status, json } = await call(`/sessions/${id}/close`, { body });
    t.is(status, 400, JSON.stringify(body));
    t.is(json.error.code, "ERR_REQUEST");
  }
  t.is((await call("/sessions")).json.total, 1);
});

test("a route is switched off and on; the switch outlives a reload of policies", async (t) => {
  const { call, connect, gateway } = await startObserved(t, { "a.ts": tagging("a") });
  const [route] = routesSchema.parse((await call("/routes")).json).routes;
  t.like(route, { name: "/*", isEnabled: true, source: "config", policies: ["a"], sessions: 0 });
  const client = await connect();
  const path = `/routes/${name("/*")}`;

  const off = await call(path, { method: "PATCH", body: { enabled: false } });
  t.is(off.status, 200);
  t.false(off.json.isEnabled);
  t.deepEqual(await client.closed, { code: 1001, reason: "route is disabled" });
  t.is((await refusedUpgrade(gateway.url)).status, 404);
  t.is((await call("/policies/reload", { method: "POST" })).status, 200);
  t.is((await refusedUpgrade(gateway.url)).status, 404);

  t.true((await call(path, { method: "PATCH", body: { enabled: true } })).json.isEnabled);
  const again = await connect();
  again.send("x");
  t.is(await again.next(), "a");
  t.is((await call("/routes/nothing", { method: "PATCH", body: { enabled: true } })).status, 404);
  t.is((await call(path, { method: "PATCH", body: { enabled: 1 } })).status, 400);
});

test("a policy is rolled back under an open session, stays so, and comes forward with a reload or a save", async (t) => {
  const { call, connect, gateway } = await startObserved(t, { "a.ts": tagging("one") });
  const client = await connect();
  const says = async (): Promise<unknown> => {
    client.send("?");
    return client.next();
  };
  const until = (answer: string) => eventually(`it says ${answer}`, async () => (await says()) === answer);
  t.is(await says(), "one");
  await gateway.write("a.ts", tagging("two"));
  await until("two");
  const before = policySchema.parse((await call("/policies/a")).json);
  t.is(before.versions.length, 2);
  t.like(before.versions[0], { version: before.version, isCurrent: true, isPinned: false });

  const back = await call("/policies/a/rollback", { body: {} });
  t.is(back.status, 200);
  t.is(back.json.version, before.versions[1]!.version);
  t.like(back.json.versions[1], { isCurrent: true, isPinned: true });
  t.is(await says(), "one");
  // A look at the folder, for the sake of another file, is no reason to leave it.
  await gateway.write("b.ts", tagging("other"));
  await gateway.logged(({ msg, policy }) => msg === "policy loaded" && policy === "b");
  t.is(await says(), "one");

  t.is((await call("/policies/a/reload", { method: "POST" })).json.version, before.version);
  t.is(await says(), "two");
  await call("/policies/a/rollback", { body: { version: before.versions[1]!.version } });
  t.is(await says(), "one");
  await gateway.write("a.ts", tagging("three"));
  await until("three");
  t.is((await call("/policies/a")).json.versions.length, 3);
});

test("there is nothing to roll back to before the first change, nor to a version that never was", async (t) => {
  const { call } = await startObserved(t, { "a.ts": tagging("one") });
  for (const body of [{}, { version: "nope" }]) {
    const { status, json } = await call("/policies/a/rollback", { body });
    t.is(status, 409);
    t.regex(json.error.message, /^"a" has no version .*kept, newest first: [\da-f]{12}$/);
  }
  t.is((await call("/policies/none/rollback", { body: {} })).status, 404);
});

test("policies say what they are, what is wrong with them, and what they are made of", async (t) => {
  const { call, connect, gateway } = await startObserved(
    t,
    {
      "deep/a.ts": `import { word } from "../_word.ts";\nexport function client() { throw new Error(word); }`,
      "_word.ts": `export const word = "oh";`,
    },
    { route: { policies: ["deep/a"], onError: "pass" } },
  );
  const client = await connect();
  client.send("x");
  await client.next();
  const listed = policiesSchema.parse((await call("/policies")).json);
  const [policy] = listed.policies;
  t.like(policy, { name: "deep/a", state: "running", routes: ["/*"], breaker: "closed", problem: null });
  t.like(policy?.lastFault, { hook: "client", reason: "throw" });
  t.deepEqual(
    policy?.hooks.map(({ hook }) => hook),
    ["client"],
  );

  const { json: source } = await call(`/policies/${name("deep/a")}/source`);
  t.is(source.version, policy?.version);
  t.regex(source.files[0].path, /deep\/a\.ts$/);
  t.is(source.files[1].content, `export const word = "oh";`);
  t.is((await call(`/policies/${name("deep/a")}/source?version=nope`)).status, 404);

  await gateway.write("deep/a.ts", "export function client( {");
  await gateway.logged(({ msg }) => msg.startsWith('policy "deep/a" not loaded'));
  const { json: broken } = await call(`/policies/${name("deep/a")}`);
  t.is(broken.state, "stale");
  t.regex(broken.problem.message, /deep\/a\.ts:1:/);

  await gateway.write("spare.ts", "export function client( {");
  await gateway.logged(({ msg }) =>
    msg.startsWith('policy "spare" not loaded, no version of it has ever been: '),
  );
  await gateway.write("spare.ts", tagging("spare"));
  await gateway.logged(({ msg, policy }) => msg === "policy loaded" && policy === "spare");
  for (const file of ["spare", "deep/a"]) {
    await unlink(join(gateway.dir, `${file}.ts`));
    await gateway.logged(({ msg, policy }) => msg === "policy removed" && policy === file);
  }
  const left = policiesSchema.parse((await call("/policies")).json);
  t.deepEqual(
    left.policies.map((each) => [each.name, each.state]),
    [["deep/a", "gone"]],
  );
});

test("pulses come with what happens", async (t) => {
  const { call, connect } = await startObserved(t);
  const client = await connect();
  client.send("x");
  await client.next();
  const told = await eventually("a pulse has the session and its message", async () => {
    const { pulses } = pulsesSchema.parse((await call("/pulses")).json);
    return pulses.some(({ sessions, messages }) => sessions === 1 && messages.client === 1) && pulses;
  });
  t.is(
    told.reduce((sum, { upgrades }) => sum + upgrades.accepted, 0),
    1,
  );
});

test("what is not there, not allowed or not understood is told as JSON", async (t) => {
  const { port } = await startConsole(t);
  const cases: readonly (readonly [string, Asking, number, string])[] = [
    ["/api/v1/nothing", {}, 404, "ERR_NOT_FOUND"],
    ["/api/nothing", {}, 404, "ERR_NOT_FOUND"],
    ["/api/v1/info", { method: "POST" }, 404, "ERR_NOT_FOUND"],
    ["/api/v1/traffic?limit=0", {}, 400, "ERR_REQUEST"],
    ["/api/v1/traffic?limt=5", {}, 400, "ERR_REQUEST"],
    ["/api/v1/login", { body: "[" }, 400, "ERR_REQUEST"],
    ["/api/v1/login", { body: "x".repeat(70_000) }, 413, "ERR_TOO_LARGE"],
    ["/api/v1/live", {}, 400, "ERR_REQUEST"],
    ["/api/v1/traffic/7", {}, 404, "ERR_NOT_FOUND"],
  ];
  for (const [path, asking, status, code] of cases) {
    const answer = await ask(port, path, asking);
    t.is(answer.status, status, path);
    t.is(answer.json.error.code, code, path);
    t.true(answer.json.error.message.length > 10, path);
  }
  const { status, headers } = await ask(port, "/healthz", { method: "POST" });
  t.is(status, 405);
  t.is(headers.allow, "GET, HEAD");
});

test("docs/admin-api.md has each endpoint, and no others", async (t) => {
  const { port } = await startConsole(t);
  const { json } = await ask(port, "/api/v1/openapi.json");
  t.is(json.info.version, "1.2.3");
  const described = z.record(z.string(), z.record(z.string(), z.unknown())).parse(json.paths);
  const endpoints = Object.entries(described).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  const text = await readDocument("docs/admin-api.md");
  const rows = [...text.matchAll(/^\| `([A-Z]+)` \| `(\/[^`]*)` \|/gm)].map(
    ([, method, path]) => `${method} ${path}`,
  );
  t.deepEqual(rows.sort(), endpoints.sort());
});

test("routes, sessions and the last fault of a policy are shown without their secrets", async (t) => {
  const policy = `export function client() { throw new Error("Authorization: Bearer abcdefgh12345678"); }`;
  const subprotocol = `token.${"abcdefgh12345678".repeat(3)}`;
  const server = await startServer(t, echo);
  const { call, connect } = await startObserved(
    t,
    { "boom.ts": policy },
    { route: { upstream: `${server.url}/?token=abcdefgh12345678`, onError: "pass" } },
  );
  const client = await connect("/", { protocols: [subprotocol] });
  client.send("hi");
  await client.next();
  for (const path of ["/routes", "/sessions", "/policies"]) {
    const { text } = await call(path);
    t.regex(text, /\[redacted\]/, path);
    t.notRegex(text, /abcdefgh12345678/, path);
  }
});
