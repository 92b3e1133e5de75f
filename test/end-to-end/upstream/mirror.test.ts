import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import test, { type ExecutionContext } from "ava";
import { type ConfigInput, resolveConfig } from "../../../core/config/index.ts";
import { acceptKey } from "../../../core/upgrade/handshake.ts";
import { eventually } from "../../support/eventually.ts";
import { startGateway, type TestGateway } from "../../support/gateways/gateway.ts";
import { readMetric } from "../../support/metrics.ts";
import { connectClient, echo, startServer, type TestPeer, wrapWebSocket } from "../../support/peers/peers.ts";
import { deadUrl, silentUrl, startOdd } from "../../support/servers/upstreams.ts";

const loud = `
export const client = ({ content }) =>
  content.body === "secret" ? { drop: true, reply: ["no"] } : { content: { body: content.body + "!" }, append: ["and"] };
export const server = ({ content }) => ({ content: { body: content.body.toUpperCase() } });`;

/** A mirror that keeps what it gets, and answers it. */
async function startMirror(t: ExecutionContext, options: object = {}) {
  const arrivals = { client: openQueue<Arrival>(), server: openQueue<Arrival>() };
  const mirror = await startServer(
    t,
    (socket, request) => {
      const origin = request.headers["framegate-mirror"] as "client" | "server";
      arrivals[origin]?.push({ peer: wrapWebSocket(socket), request });
      echo(socket);
    },
    options,
  );
  return { ...mirror, next: (origin: "client" | "server") => arrivals[origin].next() };
}

interface Arrival {
  readonly peer: TestPeer;
  readonly request: IncomingMessage;
}

function openQueue<Item>() {
  const items: Item[] = [];
  const takers: ((item: Item) => void)[] = [];
  return {
    push(item: Item) {
      const taker = takers.shift();
      if (taker === undefined) items.push(item);
      else taker(item);
    },
    next(): Promise<Item> {
      const item = items.shift();
      return item === undefined ? new Promise((resolve) => takers.push(resolve)) : Promise.resolve(item);
    },
  };
}

const withMetrics = { console: { port: 0, token: false } } as const;

for (const [what, policies, expected] of [
  ["spliced", [], ["one", "two"]],
  ["with policies", ["loud"], ["one!", "and", "two!", "and"]],
] as const) {
  test(`a mirror gets what the server gets: a route that is ${what}`, async (t) => {
    const [server, mirror] = await Promise.all([startServer(t, echo), startMirror(t)]);
    const gateway = await startGateway(t, {
      policies: { "loud.ts": loud },
      config: { redact: { defaults: false, headers: ["X-Hidden", "Host"], query: ["pin_code"] } },
      routes: [
        {
          path: "/*",
          contentType: "text/plain",
          upstream: server.url,
          policies,
          mirror: { upstream: mirror.url },
        },
      ],
    });
    const client = await connectClient(t, `${gateway.url}/a/b?room=1&access_token=x&pinCode=7&q=%20`, {
      headers: {
        authorization: "Bearer x",
        cookie: "a=b",
        "x-plain": "yes",
        "x-hidden": "x",
        "framegate-session": "mine",
      },
      protocols: ["chat", "other"],
    });
    for (const word of ["one", "secret", "two"].slice(0, 3))
      if (policies.length > 0 || word !== "secret") client.send(word);
    const { peer, request } = await mirror.next("client");
    t.deepEqual(await peer.take(expected.length), expected);
    const { id } = await gateway.logged(({ msg }) => msg === "session started");
    t.is(request.url, "/a/b?room=1&q=%20");
    const { authorization, cookie, "x-plain": plain, "x-hidden": hidden } = request.headers;
    t.deepEqual([authorization, cookie, hidden, plain], [undefined, undefined, undefined, "yes"]);
    t.is(request.headers["framegate-session"], id as string);
    t.is(request.headers["sec-websocket-protocol"], "chat");
    t.is(request.headers["sec-websocket-extensions"], undefined);
    client.close(4000, "bye");
    t.deepEqual(await client.closed, { code: 4000, reason: "bye" });
    t.is((await peer.closed).code, 1000);
    t.deepEqual(peer.left, []);
  });
}

test("both directions have a connection each, credentials only where they are asked for", async (t) => {
  const [server, mirror] = await Promise.all([startServer(t, echo), startMirror(t)]);
  const gateway = await startGateway(t, {
    policies: { "loud.ts": loud },
    config: { upstreams: { next: { url: mirror.url } } },
    routes: [
      {
        ...{ path: "/*", contentType: "text/plain", upstream: server.url, policies: ["loud"] },
        mirror: { upstream: "next", direction: "both", credentials: true },
      },
    ],
  });
  const client = await connectClient(t, `${gateway.url}/?token=x`, {
    headers: { authorization: "Bearer x" },
  });
  client.send("one");
  client.send("secret");
  t.deepEqual([...(await client.take(3))].sort(), ["AND", "ONE!", "no"]);
  for (const [origin, words] of [
    ["client", ["and", "one!"]],
    ["server", ["AND", "ONE!", "no"]],
  ] as const) {
    const { peer, request } = await mirror.next(origin);
    t.deepEqual((await peer.take(words.length)).map(String).sort(), words);
    t.is(request.headers.authorization, "Bearer x");
    t.is(request.url, "/?token=x");
  }
});

test("what is compressed, fragmented or large is copied as whole messages, and what is too large is lost and counted", async (t) => {
  const server = await startServer(t, echo, { perMessageDeflate: { threshold: 0 } });
  const mirror = await startMirror(t, { perMessageDeflate: true });
  const gateway = await startGateway(t, {
    config: withMetrics,
    routes: [{ path: "/*", upstream: server.url, mirror: { upstream: mirror.url, direction: "both" } }],
  });
  const client = await connectClient(t, gateway.url, { perMessageDeflate: { threshold: 0 } });
  t.regex(client.ws.extensions, /permessage-deflate/);
  const text = "again and again and again ".repeat(100);
  const bytes = Buffer.alloc(900_000, 7);
  client.ws.send(text);
  client.ws.send("frag", { fin: false });
  client.ws.ping();
  client.ws.send("ments", { fin: true });
  client.ws.send(bytes);
  client.ws.send(Buffer.alloc(1_100_000, 1));
  client.ws.send(text);
  const all = [text, "fragments", bytes, text];
  t.is((await client.take(5)).length, 5);
  for (const origin of ["client", "server"] as const) {
    const { peer } = await mirror.next(origin);
    t.deepEqual(await peer.take(4), all);
  }
  const counts = ["client", "server"].flatMap((origin) =>
    [
      ["lost", 1],
      ["sent", 4],
    ].map(([outcome, count]) => `{route="/*",origin="${origin}",outcome="${outcome}"} ${count}`),
  );
  t.deepEqual(await readMetric(gateway, "framegate_mirror_messages_total"), counts);
});

/** A mirror that does this with its socket, once it has said yes. */
function startOddMirror(t: ExecutionContext, then: (socket: Socket) => void): Promise<string> {
  return startOdd(t, (socket) => {
    socket.once("data", (head) => {
      const [, key = ""] = /sec-websocket-key: (\S+)/i.exec(head.toString()) ?? [];
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${acceptKey(key)}\r\n\r\n`,
      );
      then(socket);
    });
  });
}

function flood(socket: Socket): void {
  const frame = Buffer.concat([Buffer.from([0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0]), Buffer.alloc(65_536)]);
  const ping = Buffer.from([0x89, 0]);
  const more = (): void => {
    if (socket.destroyed) return;
    if (socket.write(Buffer.concat([frame, ping]))) setImmediate(more);
    else socket.once("drain", more);
  };
  more();
}

for (const [how, start, loses] of [
  ["is not there", () => deadUrl(), true],
  ["does not read", (t: ExecutionContext) => startOddMirror(t, (socket) => socket.pause()), true],
  ["says nothing to the handshake", (t: ExecutionContext) => silentUrl(t), true],
  [
    "closes at once",
    (t: ExecutionContext) => startOddMirror(t, (socket) => socket.write(Buffer.from([0x88, 0]))),
    true,
  ],
  ["resets", (t: ExecutionContext) => startOddMirror(t, (socket) => socket.resetAndDestroy()), true],
  [
    "breaks the protocol",
    (t: ExecutionContext) => startOddMirror(t, (socket) => socket.write(Buffer.from([0xff, 0xff]))),
    true,
  ],
  ["floods", (t: ExecutionContext) => startOddMirror(t, flood), false],
] as const) {
  test(`a mirror that ${how} changes nothing for the session`, async (t) => {
    const [server, mirror] = await Promise.all([startServer(t, echo), start(t)]);
    const gateway = await startGateway(t, {
      config: withMetrics,
      routes: [{ path: "/*", upstream: server.url, mirror: { upstream: mirror } }],
    });
    const client = await connectClient(t, gateway.url);
    // What the system takes for a peer that does not read is some megabytes.
    const body = "x".repeat(how === "does not read" ? 60_000 : 20_000);
    for (let round = 0; round < 20; round++) {
      for (let i = 0; i < 20; i++) client.send(`${round}:${i} ${body}`);
      for (let i = 0; i < 20; i++) t.is(String(await client.next()).split(" ")[0], `${round}:${i}`);
    }
    client.close(4000, "done");
    t.deepEqual(await client.closed, { code: 4000, reason: "done" });
    t.like(await gateway.logged(({ msg }) => msg === "session ended"), { code: 4000, initiator: "client" });
    if (!loses) return;
    const lost = (samples: readonly string[]) => Number(/"lost"\} (\d+)/.exec(samples.join("\n"))?.[1]);
    const counted = async () => lost(await readMetric(gateway, "framegate_mirror_messages_total")) > 50;
    t.true(await eventually("lost copies are counted", counted));
  });
}

test("an upstream that is a mirror too has its places and its health for clients", async (t) => {
  const [server, mirror] = await Promise.all([startServer(t, echo), startMirror(t)]);
  const gateway = await startGateway(t, {
    config: {
      upstreams: {
        next: { url: mirror.url, maxConnections: 1, queue: { size: 0 } },
        dead: { url: await deadUrl(), health: { failures: 1 }, onFailure: "next" },
      },
    },
    routes: [
      { path: "/a", upstream: server.url, mirror: { upstream: "next" } },
      { path: "/b", upstream: "next" },
      { path: "/c", upstream: server.url, mirror: { upstream: "dead" } },
    ],
  });
  const copied = await connectClient(t, `${gateway.url}/a`);
  copied.send("copy");
  const { peer } = await mirror.next("client");
  t.is(await peer.next(), "copy");
  const client = await connectClient(t, `${gateway.url}/b`);
  client.send("mine");
  t.is(await client.next(), "mine");
  copied.close();
  await peer.closed;
  // Its place is free again: that of another copy, whose own mirror cannot be had.
  const other = await connectClient(t, `${gateway.url}/c`);
  other.send("stand in");
  t.is(await (await mirror.next("client")).peer.next(), "stand in");
  t.deepEqual(
    gateway.log.filter(({ msg }) => /server is|stands in/.test(String(msg))),
    [],
  );
});

async function reload(gateway: TestGateway, routes: ConfigInput["routes"]): Promise<void> {
  const listen = [{ host: "127.0.0.1", port: 0 }];
  const input = {
    listen,
    console: false,
    workers: 0,
    policies: gateway.dir,
    drain: { timeout: "2s" },
    routes,
  };
  await gateway.gateway.reload(resolveConfig(input, { dir: tmpdir() }));
}

test("a mirror that comes later gets what waits, and one that goes is asked again", async (t) => {
  const server = await startServer(t, echo);
  const mirror = await startMirror(t);
  const gateway = await startGateway(t, {
    routes: [{ path: "/*", upstream: server.url, mirror: { upstream: mirror.url } }],
  });
  const client = await connectClient(t, gateway.url);
  client.send("one");
  const first = await mirror.next("client");
  t.is(await first.peer.next(), "one");
  first.peer.close(1001, "restart");
  await first.peer.closed;
  client.send("two");
  t.deepEqual(await client.take(2), ["one", "two"]);
  const again = await mirror.next("client");
  t.is(await again.peer.next(), "two");
  t.like(await gateway.logged(({ msg }) => msg === "mirror gets no copies"), {
    level: "warn",
    route: "/*",
    mirror: mirror.url,
  });
});

test("mirror changes with a reload: open sessions lose theirs and go on, new ones have the new", async (t) => {
  const server = await startServer(t, echo);
  const [before, after] = [await startMirror(t), await startMirror(t)];
  const route = { path: "/*", upstream: server.url, reload: "recycle", recycleSpread: 0 } as const;
  const gateway = await startGateway(t, { routes: [{ ...route, mirror: { upstream: before.url } }] });
  const client = await connectClient(t, gateway.url);
  client.send("one");
  const { peer } = await before.next("client");
  t.is(await peer.next(), "one");
  await reload(gateway, [{ ...route, mirror: { upstream: after.url } }]);
  await peer.closed;
  client.send("two");
  t.deepEqual(await client.take(2), ["one", "two"]);
  const newer = await connectClient(t, gateway.url);
  newer.send("three");
  t.is(await (await after.next("client")).peer.next(), "three");
  await reload(gateway, [route]);
  newer.send("four");
  t.deepEqual(await newer.take(2), ["three", "four"]);
  t.is(before.requests.length, 1);
  t.is(after.requests.length, 1);
});

test("an upgrade that a reload overtakes goes by the mirror that the route has then", async (t) => {
  const asked = Promise.withResolvers<(isWelcome: boolean) => void>();
  const verifyClient = (_: unknown, answer: (isWelcome: boolean) => void): void => asked.resolve(answer);
  const server = await startServer(t, echo, { verifyClient });
  const [before, after] = [await startMirror(t), await startMirror(t)];
  const route = { path: "/*", upstream: server.url } as const;
  const gateway = await startGateway(t, { routes: [{ ...route, mirror: { upstream: before.url } }] });
  const connecting = connectClient(t, gateway.url);
  const answer = await asked.promise;
  await reload(gateway, [{ ...route, mirror: { upstream: after.url } }]);
  answer(true);
  const client = await connecting;
  client.send("one");
  t.is(await (await after.next("client")).peer.next(), "one");
  t.is(before.requests.length, 0);
});
