import { once } from "node:events";
import type { AddressInfo, Socket } from "node:net";
import { createServer } from "node:net";
import test, { type ExecutionContext } from "ava";
import type { LogRecord } from "../../support/gateways/gateway.ts";
import { ask, type HttpAnswer, openSocket, upgradeHead } from "../../support/peers/http.ts";
import { shareRelay } from "../../support/peers/relay.ts";

const unreachable = await unusedPort();
const relay = shareRelay(test, {
  routes: (upstream) => [
    { path: "/hurried/*", upstream, handshakeTimeout: "300ms" },
    { path: "/nobody/*", upstream: `http://127.0.0.1:${unreachable}` },
    { path: "/nameless/*", upstream: "http://no-such-host.invalid" },
  ],
});

/** What a client gets when its server answers the upgrade with these bytes. */
async function refuseWith(
  t: ExecutionContext,
  bytes: string,
  { mode = "spliced", keepOpen = false }: { mode?: string; keepOpen?: boolean } = {},
): Promise<HttpAnswer & { record: LogRecord }> {
  const path = relay.path(mode);
  const refused = relay.server.upgrade(path).then(({ socket }) => {
    socket.write(bytes, "latin1");
    if (!keepOpen) socket.end();
  });
  const answer = await ask(t, relay.gateway.port, upgradeHead(path, { "Sec-WebSocket-Protocol": "chat" }));
  await refused;
  return { ...answer, record: await refusal(path) };
}

function refusal(path: string): Promise<LogRecord> {
  return relay.gateway.logged((record) => record.msg === "upgrade refused" && record.path === path);
}

test("a server's 401 is the client's, with its headers and body", async (t) => {
  const { status, headers, body, record } = await refuseWith(
    t,
    'HTTP/1.1 401 Who?\r\nWWW-Authenticate: Bearer realm="x"\r\nContent-Type: text/plain\r\nKeep-Alive: timeout=5\r\nContent-Length: 9\r\n\r\nlog in...',
    { keepOpen: true },
  );
  t.is(status, 401);
  t.is(headers.get("www-authenticate"), 'Bearer realm="x"');
  t.is(headers.get("content-type"), "text/plain");
  t.is(headers.get("content-length"), "9");
  t.false(headers.has("keep-alive"));
  t.is(body, "log in...");
  t.like(record, { code: "ERR_UPSTREAM_REFUSED", status: 401, level: "info" });
});

test("a chunked 403 is passed on whole", async (t) => {
  const { status, headers, body } = await refuseWith(
    t,
    "HTTP/1.1 403 Forbidden\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nno,\r\n5;x=y\r\n and \r\n3\r\nno.\r\n0\r\n\r\n",
    { keepOpen: true },
  );
  t.is(status, 403);
  t.is(headers.get("content-length"), "11");
  t.false(headers.has("transfer-encoding"));
  t.is(body, "no, and no.");
});

test("a body that ends with the connection is passed on whole", async (t) => {
  const { status, body } = await refuseWith(t, `HTTP/1.1 503 Busy\r\n\r\n${"later ".repeat(1000)}`);
  t.is(status, 503);
  t.is(body, "later ".repeat(1000));
});

test("a redirect is the client's to follow", async (t) => {
  const { status, headers } = await refuseWith(
    t,
    "HTTP/1.1 302 Found\r\nLocation: https://elsewhere.example/\r\nContent-Length: 0\r\n\r\n",
    { keepOpen: true },
  );
  t.is(status, 302);
  t.is(headers.get("location"), "https://elsewhere.example/");
});

test("interim answers are waited out", async (t) => {
  const { status, body } = await refuseWith(
    t,
    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\ngone",
  );
  t.is(status, 404);
  t.is(body, "gone");
});

test("a success that is not a 101 is a 502", async (t) => {
  const { status } = await refuseWith(t, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  t.is(status, 502);
});

test("a policy route passes a refusal on too", async (t) => {
  const { status, body } = await refuseWith(t, "HTTP/1.1 401 No\r\nContent-Length: 2\r\n\r\nno", {
    mode: "policy",
  });
  t.is(status, 401);
  t.is(body, "no");
});

const switching = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n";
/** The answer to the key in `upgradeHead`, which is the example of RFC 6455 section 1.3. */
const accept = "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n";

const bad: Readonly<Record<string, { bytes: string; detail: RegExp }>> = {
  "bytes that are not HTTP": { bytes: "SSH-2.0-OpenSSH_9.6\r\n\r\n", detail: /not an HTTP response/ },
  "an end without an answer": { bytes: "HTTP/1.1 101 Swi", detail: /ended before an answer/ },
  "a head that does not end": {
    bytes: `HTTP/1.1 101 Switching\r\nX: ${"x".repeat(70_000)}`,
    detail: /head is too large/,
  },
  "a wrong Sec-WebSocket-Accept": {
    bytes: `${switching}Sec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n\r\n`,
    detail: /wrong Sec-WebSocket-Accept/,
  },
  "no Sec-WebSocket-Accept": { bytes: `${switching}\r\n`, detail: /wrong Sec-WebSocket-Accept/ },
  "a 101 to something else": {
    bytes: `HTTP/1.1 101 Switching\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n${accept}\r\n`,
    detail: /without Upgrade: websocket/,
  },
  "a 101 without Connection": {
    bytes: `HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\n${accept}\r\n`,
    detail: /without Connection: Upgrade/,
  },
  "a subprotocol that was not offered": {
    bytes: `${switching}${accept}Sec-WebSocket-Protocol: other\r\n\r\n`,
    detail: /subprotocol that was not offered: other/,
  },
  "an extension that was not offered": {
    bytes: `${switching}${accept}Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n`,
    detail: /extensions that were not offered/,
  },
};

for (const [name, { bytes, detail }] of Object.entries(bad)) {
  test(`${name}: 502, and the log says what is wrong`, async (t) => {
    const { status, body, record } = await refuseWith(t, bytes);
    t.is(status, 502);
    t.regex(body, /^502 Bad Gateway\nid: /);
    t.like(record, { code: "ERR_UPSTREAM_BAD_HANDSHAKE", level: "warn" });
    t.regex(String(record.detail), detail);
  });
}

test("a server that nobody listens for is a 502 that names it", async (t) => {
  const path = relay.path("nobody");
  t.is((await ask(t, relay.gateway.port, upgradeHead(path))).status, 502);
  const record = await refusal(path);
  t.like(record, { code: "ERR_UPSTREAM_UNREACHABLE", level: "warn" });
  t.regex(String(record.detail), new RegExp(`^ws://127.0.0.1:${unreachable}/.*ECONNREFUSED`));
});

test("a server whose name does not resolve is a 502 that names it", async (t) => {
  const path = relay.path("nameless");
  t.is((await ask(t, relay.gateway.port, upgradeHead(path))).status, 502);
  t.regex(String((await refusal(path)).detail), /no-such-host\.invalid/);
});

test("a server that never answers is a 504 after handshakeTimeout", async (t) => {
  const path = relay.path("hurried");
  const { status } = await ask(t, relay.gateway.port, upgradeHead(path));
  t.is(status, 504);
  t.like(await refusal(path), { code: "ERR_UPSTREAM_HANDSHAKE_TIMEOUT" });
  const { socket } = await relay.server.upgrade(path);
  await ended(socket);
  t.pass();
});

for (const how of ["end", "destroy", "resetAndDestroy"] as const) {
  test(`a client that goes away (${how}) while its server is asked: the dial is aborted`, async (t) => {
    const path = relay.path("spliced");
    const client = await openSocket(t, relay.gateway.port);
    client.write(upgradeHead(path));
    const { socket } = await relay.server.upgrade(path);
    client[how]();
    await ended(socket);
    t.like(await refusal(path), { code: "ERR_UPSTREAM_ABORTED", status: 499 });
  });
}

/** The gateway has closed this connection. */
async function ended(socket: Socket): Promise<void> {
  if (socket.destroyed || socket.readableEnded) return;
  await new Promise((resolve) => {
    socket.once("end", resolve);
    socket.once("close", resolve);
    socket.resume();
  });
}

async function unusedPort(): Promise<number> {
  const server = createServer();
  server.listen({ host: "127.0.0.1", port: 0 });
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
