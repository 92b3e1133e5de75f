import type { IncomingMessage } from "node:http";
import test, { type ExecutionContext } from "ava";
import { OPCODE } from "../../../core/wire/frame.ts";
import { openSocket, upgradeHead } from "../../support/peers/http.ts";
import { clientFrame, connectRaw, readHead, serverFrame, wrapRaw } from "../../support/peers/raw-client.ts";
import { modes, shareRelay } from "../../support/peers/relay.ts";

const relay = shareRelay(test, {
  config: { origins: ["*"] },
  routes: (upstream) => [
    { path: "/fixed/:room", upstream: `${upstream}/chat/room` },
    { path: "/keyed/*", upstream: `${upstream}/keyed?key=of+the+route` },
    { path: "/", upstream },
  ],
});

/** Upgrade at `path`, and give back what the server was asked. */
async function forward(
  t: ExecutionContext,
  path: string,
  { seen = path, headers = [] }: { seen?: string; headers?: string[] } = {},
): Promise<IncomingMessage> {
  const accepted = relay.server.upgrade(seen).then((upgrade) => {
    upgrade.acceptRaw();
    return upgrade.request;
  });
  await connectRaw(t, relay.gateway.port, path, headers);
  return accepted;
}

test("an upstream without a path gets the client's path and query as they came", async (t) => {
  const path = `${relay.path("spliced")}/a%20b/c%2fd;v=1/?x=1&x=2&y=%zz+?`;
  t.is((await forward(t, path)).url, path);
  t.is((await forward(t, "/")).url, "/");
});

test("an upstream with a path gets its own, with the client's query", async (t) => {
  await forward(t, "/fixed/blue?token=1", { seen: "/chat/room?token=1" });
  await t.notThrowsAsync(forward(t, "/fixed/blue", { seen: "/chat/room" }));
});

test("an upstream with a query gets that and not the client's", async (t) => {
  await t.notThrowsAsync(forward(t, "/keyed/x?key=mine", { seen: "/keyed?key=of+the+route" }));
});

test("the server sees the Host that the client asked for, and whom the gateway speaks for", async (t) => {
  const { headers } = await forward(t, relay.path("spliced"));
  t.is(headers.host, "test");
  t.is(headers["x-forwarded-for"], "127.0.0.1");
  t.is(headers["x-forwarded-proto"], "ws");
  t.is(headers["x-forwarded-host"], "test");
});

test("a proxy before the gateway stays first in X-Forwarded-For", async (t) => {
  const { headers } = await forward(t, relay.path("spliced"), {
    headers: ["X-Forwarded-For: 203.0.113.7", "X-Forwarded-Proto: spoofed", "X-Forwarded-Host: spoofed"],
  });
  t.is(headers["x-forwarded-for"], "203.0.113.7, 127.0.0.1");
  t.is(headers["x-forwarded-proto"], "ws");
  t.is(headers["x-forwarded-host"], "test");
});

test("headers go on as they came, but for those of the hop", async (t) => {
  const { headers, rawHeaders } = await forward(t, relay.path("spliced"), {
    headers: [
      "X-Case-Kept: yes",
      "X-Twice: 1",
      "X-Twice: 2",
      "Origin: https://app.example",
      "X-Latin: caf\xe9",
      "Connection: X-Hop",
      "X-Hop: only for the gateway",
      "Keep-Alive: timeout=5",
      "TE: trailers",
      "Proxy-Authorization: Basic c2VjcmV0",
      "Sec-WebSocket-Extensions: x-unknown",
    ],
  });
  t.true(rawHeaders.includes("X-Case-Kept"));
  t.is(headers["x-twice"], "1, 2");
  t.is(headers.origin, "https://app.example");
  t.is(headers.connection, "Upgrade");
  for (const name of ["x-hop", "keep-alive", "te", "proxy-authorization", "sec-websocket-extensions"]) {
    t.is(headers[name], undefined, name);
  }
});

test("credentials reach the server and never the log", async (t) => {
  const path = relay.path("spliced");
  const { headers } = await forward(t, `${path}?token=query-secret`, {
    headers: ["Cookie: sid=cookie-secret", "Authorization: Bearer header-secret"],
  });
  t.is(headers.cookie, "sid=cookie-secret");
  t.is(headers.authorization, "Bearer header-secret");
  await relay.gateway.logged((record) => record.msg === "session started" && record.path === path);
  t.notRegex(JSON.stringify(relay.gateway.log), /-secret/);
});

for (const mode of modes) {
  test(`${mode}: subprotocols are offered to the server, its choice comes back`, async (t) => {
    const protocols = ["chat.v1", "chat.v2"];
    const chosen = await relay.open(t, mode, {
      client: { protocols },
      server: { handleProtocols: (offered) => [...offered].at(-1) ?? false },
    });
    t.is(chosen.client.ws.protocol, "chat.v2");
    const { request } = await relay.server.upgrade(chosen.path);
    t.is(request.headers["sec-websocket-protocol"], "chat.v1,chat.v2");
  });

  test(`${mode}: frames in the packet of the handshake are not lost`, async (t) => {
    const path = relay.path(mode);
    const accepted = relay.server
      .upgrade(path)
      .then((upgrade) => upgrade.acceptRaw({ frames: serverFrame(OPCODE.text, "at once") }));
    const socket = await openSocket(t, relay.gateway.port);
    socket.write(
      Buffer.concat([
        Buffer.from(upgradeHead(path)),
        clientFrame(OPCODE.text, "early"),
        clientFrame(2, "second"),
      ]),
    );
    const { head, rest } = await readHead(socket);
    const client = wrapRaw(socket, rest, false);
    const server = await accepted;
    t.regex(head, /^HTTP\/1.1 101 /);
    t.is(String((await client.next()).payload), "at once");
    t.is(String((await server.next()).payload), "early");
    t.is(String((await server.next()).payload), "second");
  });
}

test("frames sent while the server has not answered yet are not lost", async (t) => {
  const path = relay.path("spliced");
  const socket = await openSocket(t, relay.gateway.port);
  socket.write(upgradeHead(path));
  const upgrade = await relay.server.upgrade(path);
  await new Promise((resolve) => socket.write(clientFrame(OPCODE.text, "impatient"), resolve));
  const server = upgrade.acceptRaw();
  t.is(String((await server.next()).payload), "impatient");
});

test("a server that chooses no subprotocol leaves the 101 without one", async (t) => {
  const path = relay.path("spliced");
  const accepted = relay.server.upgrade(path).then((upgrade) => upgrade.acceptRaw());
  const { head } = await connectRaw(t, relay.gateway.port, path, ["Sec-WebSocket-Protocol: chat"]);
  await accepted;
  t.notRegex(head, /sec-websocket-protocol/i);
});

test("the server's own headers come with the 101, but for those of its hop", async (t) => {
  const path = relay.path("spliced");
  const headers = ["Set-Cookie: a=1", "Set-Cookie: b=2", "X-Server: yes", "Keep-Alive: timeout=5"];
  const accepted = relay.server.upgrade(path).then((upgrade) => upgrade.acceptRaw({ headers }));
  const { head } = await connectRaw(t, relay.gateway.port, path);
  await accepted;
  t.regex(head, /^Set-Cookie: a=1\r$/m);
  t.regex(head, /^Set-Cookie: b=2\r$/m);
  t.regex(head, /^X-Server: yes\r?$/m);
  t.notRegex(head, /keep-alive/i);
});
