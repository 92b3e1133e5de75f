import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { type AddressInfo, createServer as createTcpServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { WebSocketServer } from "ws";
import { resolveConfig } from "../../../core/config/index.ts";
import { OPCODE } from "../../../core/wire/frame.ts";
import { eventually } from "../../support/eventually.ts";
import { startGateway } from "../../support/gateways/gateway.ts";
import { readMetric } from "../../support/metrics.ts";
import { connectClient, echo, startServer, wrapWebSocket } from "../../support/peers/peers.ts";
import { clientFrame, connectRaw } from "../../support/peers/raw-client.ts";
import { sharePolicies } from "../../support/shared-policies.ts";

const share = sharePolicies();

/** A route to where nobody listens yet. */
async function startDead(t: ExecutionContext, source: string, route: object = {}) {
  const upstream = await socketPath(t);
  const name = basename(dirname(upstream));
  const setup = await share(t, { [`${name}.ts`]: source }, { route: { upstream, ...route } });
  return { ...setup, name, upstream, listen: () => listenAt(t, upstream) };
}

/** Where nobody listens. No other test is given this address meanwhile, as it may be with a port. */
async function socketPath(t: ExecutionContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "framegate-"));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  return `unix:${folder}/app.sock`;
}

/** A server comes up where nobody was. */
async function listenAt(t: ExecutionContext, url: string, protocols?: (all: Set<string>) => string | false) {
  const http = createServer().listen(url.replace("unix:", ""));
  await once(http, "listening");
  const wss = new WebSocketServer({ server: http, ...(protocols && { handleProtocols: protocols }) });
  t.teardown(() => {
    for (const socket of wss.clients) socket.terminate();
    http.close();
  });
  return { wss, http, next: () => once(wss, "connection").then(([socket]) => wrapWebSocket(socket)) };
}

const refusal = async (connect: () => Promise<unknown>) => {
  const error = (await connect().catch((cause: unknown) => cause)) as Error;
  return error.message;
};

test("a policy rejects in its own words, and is told what there was", async (t) => {
  const { connectRaw, gateway } = await startDead(
    t,
    `export const upgrade = () => ({ attributes: { plan: "free" } });
    export const unavailable = ({ failure, attributes, request, options }) => ({ reject: { status: 503,
      headers: { "Retry-After": "7" }, body: { failure, attributes, path: request.path, options } } });`,
  );
  const answer = await refusal(() => connectRaw("/some/where"));
  t.regex(answer, /^HTTP\/1\.1 503 .*\r\nretry-after: 7\r\n/is);
  const { code, detail } = await gateway.logged(({ msg }) => msg === "upgrade refused");
  t.is(code, "ERR_REJECTED");
  t.regex(String(detail), /^rejected by policy "framegate-/);
});

test("the policies of a chain are asked in order, with the newest failure, until one decides", async (t) => {
  const other = await startServer(t, (socket) => socket.send("the other one"));
  const breaking = createTcpServer((socket) => socket.destroy()).listen(0, "127.0.0.1");
  await once(breaking, "listening");
  t.teardown(() => breaking.close());
  const broken = `http://127.0.0.1:${(breaking.address() as AddressInfo).port}`;
  const says = `({ failure, attributes, log, options }) => { log.info(JSON.stringify([failure, attributes])); return options.say; }`;
  const setup = await share(
    t,
    {
      "asked.ts": `export const upgrade = () => ({ attributes: { a: 1 } }); export const unavailable = ${says};`,
    },
    {
      route: {
        upstream: {
          targets: [{ url: "unix:/none/a.sock" }, { url: "unix:/none/b.sock" }],
          retry: { attempts: 1 },
        },
        connect: { allow: [other.url, broken] },
        policies: [
          { use: "asked", options: {} },
          { use: "asked", options: { say: { connect: broken } } },
          { use: "asked", options: { say: { connect: other.url } } },
          { use: "asked", options: { say: { reject: { status: 500 } } } },
        ],
      },
    },
  );
  const client = await setup.connect("/");
  t.is(await client.next(), "the other one");
  t.deepEqual(
    setup.gateway.log
      .filter(({ policy, msg }) => msg.startsWith("[") && policy === "asked")
      .map(({ msg }) => msg),
    [
      ["unreachable", 2],
      ["unreachable", 2],
      ["bad-handshake", 3],
    ].map(([kind, tries]) => JSON.stringify([{ kind, tries, status: 502 }, { a: 1 }])),
  );
});

for (const [what, source, status] of [
  ["throws", `export const unavailable = () => { throw new Error("oh"); };`, 502],
  ["never ends", `export const unavailable = () => { for (;;); };`, 502],
  ["says what is no verdict", `export const unavailable = () => ({ hold: { for: "ever" } });`, 502],
  [
    "leads where the config does not allow",
    `export const unavailable = () => ({ connect: "http://127.0.0.1:1" });`,
    500,
  ],
] as const) {
  test(`a hook that ${what} leaves the client what it would have got`, async (t) => {
    const { connectRaw } = await startDead(t, source);
    t.regex(await refusal(() => connectRaw("/")), new RegExp(`^HTTP/1.1 ${status} .*text/plain`, "s"));
  });
}

test("what a server itself refuses is no reason to ask", async (t) => {
  const http = createServer((_, response) => response.end());
  http.on("upgrade", (_, socket) => socket.end("HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n"));
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  t.teardown(() => http.close());
  const upstream = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const { connectRaw } = await startDead(t, `export const unavailable = () => ({ hold: true });`, {
    upstream,
  });
  t.regex(await refusal(() => connectRaw("/")), /^HTTP\/1\.1 403 /);
});

test("a held client is let in at once, and its messages are delivered in order, through the hooks", async (t) => {
  const { connect, listen, gateway, name, route } = await startDead(
    t,
    `export const unavailable = () => ({ hold: true });
    export const client = ({ content, frame, websock }) =>
      ({ content: { body: [frame.sequence, content.body, websock.context.server.url.slice(0, 5)] } });`,
  );
  const client = await connect("/");
  for (const word of ["one", "two", "three"]) client.send(word);
  await gateway.logged(({ msg, server }) => msg === "session started" && server === "");
  const { next } = await listen();
  const server = await next();
  t.deepEqual(await server.take(3), ['[1,"one","unix:"]', '[2,"two","unix:"]', '[3,"three","unix:"]']);
  client.send("four");
  t.is(await server.next(), '[4,"four","unix:"]');
  server.send("hello");
  t.is(await client.next(), "hello");
  const held = await gateway.logged(({ msg }) => msg === "held client has its server");
  t.like(held, { route, policy: name, outcome: "reached" });
  client.close(1000, "done");
  t.deepEqual(await server.closed, { code: 1000, reason: "done" });
  const { messages } = await gateway.logged(({ msg }) => msg === "session ended");
  t.deepEqual(messages, { client: 4, server: 1 });
});

test("what a client may have kept is bounded, and nothing beyond it is lost", async (t) => {
  const upstream = await socketPath(t);
  const gateway = await startGateway(t, {
    policies: { "few.ts": `export const unavailable = () => ({ hold: { messages: 2, bytes: 1000 } });` },
    config: { console: { port: 0, token: false } },
    routes: [{ path: "/*", upstream, policies: ["few"] }],
  });
  const client = await connectRaw(t, gateway.port, "/");
  const body = "x".repeat(100_000);
  const all = 200;
  for (let i = 0; i < all; i++) client.write(clientFrame(OPCODE.text, `${i} ${body}`));
  let waiting = -1;
  await eventually("the client is not read any more", () => {
    const before = waiting;
    waiting = client.socket.writableLength;
    return before === waiting;
  });
  const api = `http://127.0.0.1:${gateway.gateway.addresses.console?.port}/api/v1`;
  const { sessions } = (await (await fetch(`${api}/sessions`)).json()) as {
    readonly sessions: readonly { readonly bufferedBytes: { readonly client: number } }[];
  };
  const [held] = sessions;
  t.true(held !== undefined && held.bufferedBytes.client >= 1000 && held.bufferedBytes.client < 200_000);
  const server = await (await listenAt(t, upstream)).next();
  for (let i = 0; i < all; i++) t.is(String(await server.next()).split(" ")[0], String(i));
});

test("a client that is held until the time is over is closed as the policy says, and its close hook runs", async (t) => {
  const { connect, gateway, name } = await startDead(
    t,
    `export const unavailable = () => ({ hold: { for: 300, close: { code: 4001, reason: "come again" } } });
    export const close = ({ code, initiator, websock, log }) => log.info(JSON.stringify([code, initiator, websock.context.server.url]));`,
  );
  const client = await connect("/");
  t.deepEqual(await client.closed, { code: 4001, reason: "come again" });
  const end = await gateway.logged(({ msg }) => msg === "session ended");
  t.like(end, { cause: "unavailable", initiator: "gateway", code: 4001, server: "", policy: name });
  t.regex(String(end.version), /^[0-9a-f]{12}$/);
  t.deepEqual((end.codes as Record<string, unknown>).client, { sent: 4001, got: 4001 });
  t.regex(String(end.detail), /ENOENT/);
  await gateway.logged(({ msg }) => msg === '[4001,"gateway",""]');
});

test("a held client lasts no longer than its policy has said", async (t) => {
  const { connect, gateway, listen, name } = await startDead(
    t,
    `export const upgrade = () => ({ expires: Date.now() + 300 });
    export const unavailable = () => ({ hold: true });`,
  );
  const client = await connect("/");
  client.send("kept");
  t.deepEqual(await client.closed, { code: 1008, reason: "expired" });
  const end = await gateway.logged(({ msg }) => msg === "session ended");
  t.like(end, { cause: "expires", rule: "expires", server: "", policy: name });
  const { http } = await listen();
  let asked = 0;
  http.on("connection", () => asked++);
  t.like(await gateway.logged(({ msg }) => msg === "held client has no server"), { outcome: "ended" });
  t.is(asked, 0);
});

test("who asks a held client's policies to renew it hears that it is held; they are asked before its messages go", async (t) => {
  const upstream = await socketPath(t);
  const gateway = await startGateway(t, {
    policies: {
      "lasting.ts": `export const unavailable = () => ({ hold: true });
        export const renew = ({ reason, log }) => { log.info("asked by " + reason); return { attributes: { by: reason } }; };
        export const client = ({ log }) => log.info("a message");`,
      "plain.ts": `export const unavailable = () => ({ hold: true });`,
    },
    config: { console: { port: 0, token: false }, recording: true },
    routes: ["lasting", "plain", "gone"].map((name) => ({
      ...{ path: `/${name}`, upstream, policies: [name === "gone" ? "plain" : name] },
    })),
  });
  const api = `http://127.0.0.1:${gateway.gateway.addresses.console?.port}/api/v1`;
  const renew = async (path: string) => {
    const client = await connectClient(t, gateway.url + path);
    const { id } = await gateway.logged((line) => line.msg === "session started" && line.path === path);
    const answer = await fetch(`${api}/sessions/${id}/renew`, { method: "POST" });
    return { client, id, answer: await answer.json() };
  };
  t.deepEqual((await renew("/plain")).answer, { outcome: "no-hook" });
  const { client, id, answer } = await renew("/lasting");
  t.deepEqual(answer, { outcome: "held" });
  client.send("kept");
  const gone = await renew("/gone");
  gone.client.close();
  await gateway.logged(({ msg, route }) => msg === "session ended" && route === "/gone");
  t.deepEqual(await readMetric(gateway, "framegate_held_clients"), ["2"]);
  await listenAt(t, upstream);
  t.like(await gateway.logged(({ msg }) => msg === "session renewed by its policy"), { reason: "request" });
  await gateway.logged(({ msg }) => msg === "a message");
  const said = gateway.log.filter(({ policy, route }) => policy === "lasting" && route === "/lasting");
  t.deepEqual(
    said.map(({ msg }) => msg).filter((msg) => /^a/.test(msg)),
    ["asked by request", "a message"],
  );
  await eventually("nobody is held", async () => {
    const [held] = await readMetric(gateway, "framegate_held_clients");
    return held === "0";
  });
  client.close();
  const { server } = await gateway.logged(
    ({ msg, route }) => msg === "session ended" && route === "/lasting",
  );
  const explained = (await (await fetch(`${api}/sessions/${id}/explain`)).json()) as {
    readonly upgrade: { readonly server: string };
  };
  t.truthy(server);
  t.is(explained.upgrade.server, String(server));
});

for (const [how, leave, cause] of [
  ["closes", (socket: Socket) => socket.write(clientFrame(OPCODE.close, Buffer.from([3, 0xe8]))), "peer"],
  ["breaks the protocol", (socket: Socket) => socket.write(Buffer.from([0xff, 0xff])), "protocol"],
  ["sends its FIN", (socket: Socket) => socket.end(), "vanished"],
  ["is reset", (socket: Socket) => socket.resetAndDestroy(), "vanished"],
] as const) {
  test(`a held client that ${how} is gone, and nobody asks for a server any more`, async (t) => {
    const { connectRaw, gateway, listen } = await startDead(
      t,
      `export const unavailable = () => ({ hold: true });`,
    );
    const client = await connectRaw("/");
    client.write(clientFrame(OPCODE.text, "first"));
    leave(client.socket);
    if (cause !== "vanished")
      t.is((await client.next()).payload.readUInt16BE(0), how === "closes" ? 1000 : 1002);
    client.socket.end();
    t.like(await gateway.logged(({ msg }) => msg === "session ended"), { cause, initiator: "client" });
    const { http } = await listen();
    let asked = 0;
    http.on("connection", () => asked++);
    await gateway.logged(({ msg }) => msg === "held client has no server");
    t.is(asked, 0);
  });
}

test("a held client is told the subprotocol that the policy names, and the server is offered that one alone", async (t) => {
  const { connect, connectRaw, upstream, gateway } = await startDead(
    t,
    `export const unavailable = ({ request }) => ({ hold: { subprotocol: request.query.take } });`,
  );
  const client = await connect("/?take=b", { protocols: ["a", "b"] });
  t.is(client.ws.protocol, "b");
  t.regex(await refusal(() => connectRaw("/?take=c", ["sec-websocket-protocol: a, b"])), /^HTTP\/1.1 502 /);
  t.regex(await refusal(() => connectRaw("/", ["sec-websocket-protocol: a, b"])), /^HTTP\/1.1 502 /);
  const { detail } = await gateway.logged(({ msg }) => msg === "upgrade refused");
  t.regex(String(detail), /cannot hold the client: expected `hold.subprotocol`/);
  const offered: string[][] = [];
  const { next } = await listenAt(t, upstream, (all) => {
    offered.push([...all]);
    return "b";
  });
  client.send("hi");
  t.is(await (await next()).next(), "hi");
  t.deepEqual(offered, [["b"]]);
});

test("a server that does not agree with what the client was told ends it with 1011, and has its place again", async (t) => {
  const url = await socketPath(t);
  const { connect } = await startDead(
    t,
    `export const unavailable = ({ failure }) => failure.kind === "busy" ? undefined : { hold: { subprotocol: "b" } };`,
    { upstream: { url, maxConnections: 1 } },
  );
  const client = await connect("/", { protocols: ["a", "b"] });
  const server = await listenAt(t, url, () => false);
  t.deepEqual(await client.closed, { code: 1011, reason: "server refused" });
  const reached = server.next();
  (await connect("/")).send("hi");
  t.is(await (await reached).next(), "hi");
});

test("a held client is in the list of sessions, in its route's count, and a drain ends it", async (t) => {
  const upstream = "unix:/none/d.sock";
  const gateway = await startGateway(t, {
    policies: { "away.ts": `export const unavailable = () => ({ hold: { for: 60_000 } });` },
    config: { console: { port: 0, token: false }, recording: true, drain: { timeout: "2s" } },
    routes: [{ path: "/*", upstream, policies: ["away"], connections: { route: 1 } }],
  });
  const client = await connectClient(t, gateway.url);
  client.send("kept");
  t.regex(await refusal(() => connectClient(t, gateway.url)), /429/);
  const api = `http://127.0.0.1:${gateway.gateway.addresses.console?.port}/api/v1`;
  const list = async () =>
    (await (await fetch(`${api}/sessions`)).json()) as {
      readonly sessions: readonly { readonly id: string; readonly server: string }[];
    };
  const { sessions } = await list();
  const { records } = (await (await fetch(`${api}/traffic?kind=upgrade`)).json()) as {
    readonly records: readonly { readonly status: number; readonly steps: readonly object[] }[];
  };
  const step = {
    policy: "away",
    hook: "unavailable",
    action: "held",
    detail: "server unreachable: hold 60000 ms",
  };
  t.like(
    records.find(({ status }) => status === 101),
    { server: "", steps: [step] },
  );
  t.like(sessions[0], { server: "", route: "/*" });
  t.deepEqual(await readMetric(gateway, "framegate_held_clients"), ["1"]);
  t.deepEqual(await readMetric(gateway, "framegate_sessions_open"), ['{route="/*"} 1']);
  await gateway.stop();
  t.deepEqual(await client.closed, { code: 1001, reason: "gateway is stopping" });
});

test("`onFailure` is asked before policies are, and a held client follows a reload of the config", async (t) => {
  const spare = await startServer(t, echo);
  const dead = "unix:/none/c.sock";
  const policies = {
    "never.ts": `export const unavailable = () => ({ reject: { status: 418 } });`,
    "hold.ts": `export const unavailable = () => ({ hold: true });`,
  };
  const config = { upstreams: { first: { url: dead, onFailure: "spare" }, spare: { url: spare.url } } };
  const first = { path: "/first", upstream: "first", policies: ["never"] };
  const held = { path: "/held", upstream: dead, policies: ["hold"] };
  const gateway = await startGateway(t, { policies, config, routes: [first, held] });
  const client = await connectClient(t, `${gateway.url}/first`);
  client.send("hi");
  t.is(await client.next(), "hi");
  const waiting = await connectClient(t, `${gateway.url}/held`);
  waiting.send("kept");
  const input = {
    ...{ listen: [{ host: "127.0.0.1", port: 0 }], console: false, workers: 0, policies: gateway.dir },
    ...{ ...config, routes: [first, { ...held, upstream: spare.url }] },
  };
  await gateway.gateway.reload(resolveConfig(input, { dir: tmpdir() }));
  t.is(await waiting.next(), "kept");
});

test("a policy that holds may name the server; one that fails leaves it to the next where its route says so", async (t) => {
  const other = await startServer(t, echo);
  const { connect, gateway } = await share(
    t,
    {
      "fails.ts": `export const unavailable = () => { throw new Error("oh"); };`,
      "elsewhere.ts": `export const unavailable = ({ options }) => ({ connect: options.to, hold: true });`,
    },
    {
      route: {
        upstream: "unix:/none/e.sock",
        onError: "pass",
        connect: { allow: [other.url] },
        policies: ["fails", { use: "elsewhere", options: { to: other.url } }],
      },
    },
  );
  const client = await connect("/");
  client.send("hi");
  t.is(await client.next(), "hi");
  t.like(await gateway.logged(({ msg }) => msg === "held client has its server"), {
    server: `${other.url.replace("http", "ws")}/`,
    tries: 2,
  });
});

test("a hook whose sandbox is killed leaves the client what it would have got", async (t) => {
  const gateway = await startGateway(t, {
    policies: {
      "slow.ts": `export const unavailable = ({ log }) => { log.info("asked"); return new Promise(() => {}); };`,
    },
    routes: [{ path: "/*", upstream: "unix:/none/f.sock", policies: ["slow"] }],
  });
  const { pid } = await gateway.logged(({ msg }) => msg === "sandbox host started");
  const refused = refusal(() => connectRaw(t, gateway.port, "/"));
  await gateway.logged(({ msg }) => msg === "asked");
  process.kill(Number(pid), "SIGKILL");
  t.regex(await refused, /^HTTP\/1\.1 502 .*text\/plain/s);
  t.truthy(await gateway.logged(({ msg }) => msg === "sandbox host replaced"));
});
