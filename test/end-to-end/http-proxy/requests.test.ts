import { once } from "node:events";
import { request as httpRequest, type IncomingMessage } from "node:http";
import test, { type ExecutionContext } from "ava";
import { Server as SocketServer } from "socket.io";
import { io } from "socket.io-client";
import { carriesMessages } from "../../../core/http/polling.ts";
import type { RouteInput } from "../../../core/index.ts";
import { startGateway, type TestGateway } from "../../support/gateways/gateway.ts";
import { connectClient, startServer } from "../../support/peers/peers.ts";
import { mirror, startHttp } from "../../support/servers/http-server.ts";

async function proxyTo(
  t: ExecutionContext,
  upstream: string,
  route: Partial<RouteInput> = {},
  policies: Readonly<Record<string, string>> = {},
): Promise<TestGateway & { base: string }> {
  const gateway = await startGateway(t, {
    policies,
    routes: [{ path: "/*", upstream, http: "proxy", ...route }],
  });
  return Object.assign(gateway, { base: `http://127.0.0.1:${gateway.port}` });
}

test("a POST reaches the same upstream, and its answer the client, but for the fields of a hop", async (t) => {
  const { url } = await startHttp(t, mirror);
  const gateway = await proxyTo(t, url, {
    headers: { response: { set: { "X-Frame": "deny" } } },
    requestId: {},
  });
  const response = await fetch(`${gateway.base}/graphql?x=1`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "x-forwarded-proto": "spoofed",
      "proxy-authorization": "secret",
    },
    body: JSON.stringify({ query: "{ me }" }),
  });
  t.is(response.status, 201);
  t.is(response.statusText, "Made");
  t.deepEqual(response.headers.getSetCookie(), ["a=1", "b=2"]);
  t.is(response.headers.get("x-hop"), null);
  t.is(response.headers.get("x-frame"), "deny");
  const asked = (await response.json()) as { headers: Record<string, string> };
  t.like(asked, { method: "POST", url: "/graphql?x=1", body: '{"query":"{ me }"}' });
  t.is(`http://${asked.headers.host}`, gateway.base);
  t.is(asked.headers["x-forwarded-proto"], "http");
  t.is(asked.headers["x-forwarded-for"], "127.0.0.1");
  t.false("proxy-authorization" in asked.headers);
  t.is(asked.headers["x-request-id"], response.headers.get("x-request-id")!);
});

test("bodies stream both ways: each part arrives before the next is sent", async (t) => {
  const { url } = await startHttp(t, (request, response) => {
    response.flushHeaders();
    request.on("data", (chunk: Buffer) => response.write(`got ${String(chunk)}`));
    request.on("end", () => response.end());
  });
  const gateway = await proxyTo(t, url);
  const request = httpRequest(`${gateway.base}/`, { method: "POST" });
  t.teardown(() => request.destroy());
  request.flushHeaders();
  const [response] = (await once(request, "response")) as [IncomingMessage];
  for (const part of ["one", "two"]) {
    request.write(part);
    const [chunk] = (await once(response, "data")) as [Buffer];
    t.is(String(chunk), `got ${part}`);
  }
  request.end();
  await once(response, "end");
});

test("socket.io polls and upgrades through one path", async (t) => {
  const { url, server } = await startHttp(t, (_, response) => response.writeHead(404).end());
  const sockets = new SocketServer(server);
  sockets.on("connection", (socket) =>
    socket.on("shout", (word: string, answer) => answer(word.toUpperCase())),
  );
  const gateway = await proxyTo(t, url);
  const client = io(gateway.base, { transports: ["polling", "websocket"] });
  t.teardown(() => {
    client.close();
    sockets.close();
  });
  const upgraded = new Promise((resolve) =>
    client.io.once("open", () => client.io.engine.once("upgrade", resolve)),
  );
  t.is(await client.emitWithAck("shout", "polled"), "POLLED");
  await upgraded;
  t.is(client.io.engine.transport.name, "websocket");
  t.is(await client.emitWithAck("shout", "upgraded"), "UPGRADED");
});

test("where polling is refused socket.io goes by WebSocket alone, and what carries no messages is passed on", async (t) => {
  const { url, server } = await startHttp(t, (_, response) => response.end("of the server"));
  const sockets = new SocketServer(server);
  sockets.on("connection", (socket) =>
    socket.on("shout", (word: string, answer) => answer(word.toUpperCase())),
  );
  const gateway = await startGateway(t, {
    policies: { "look.ts": "export const client = () => {};" },
    routes: [
      { path: "/*", upstream: url, http: "refuse-polling", policies: ["look"], origins: ["*"], cors: {} },
      { path: "/api/*", upstream: url, http: "proxy", policies: ["look"] },
    ],
  });
  const base = `http://127.0.0.1:${gateway.port}`;
  const polling = io(base, { transports: ["polling"], reconnection: false });
  const client = io(base, { transports: ["websocket"] });
  t.teardown(() => {
    polling.close();
    client.close();
    sockets.close();
  });
  const { message } = await new Promise<Error>((resolve) => polling.on("connect_error", resolve));
  t.is(message, "xhr poll error");
  t.is(await client.emitWithAck("shout", "upgraded"), "UPGRADED");

  const refused = await fetch(`${base}/socket.io/?EIO=4&transport=polling`, {
    headers: { origin: "http://a" },
  });
  t.is(refused.status, 426);
  t.is(refused.headers.get("upgrade"), "websocket");
  t.is(refused.headers.get("access-control-allow-origin"), "*");
  t.is(await refused.text(), "426 Upgrade Required: messages come by WebSocket here, not by polling\n");
  t.is(await (await fetch(`${base}/page?transport=bus`)).text(), "of the server");
  t.true((await (await fetch(`${base}/socket.io/socket.io.js`)).text()).length > 1000);
  const { msg } = await gateway.logged(({ msg }) => msg.includes("refuse-polling"));
  t.is(
    msg,
    'no `client` or `server` hook sees plain HTTP, so neither the polling of Socket.IO and SockJS, on /api/* (`http: "proxy"`): `http: "refuse-polling"` refuses that and passes on the rest',
  );
});

test("what carries messages without a WebSocket: the polling of Engine.IO, and SockJS behind a server and a session", (t) => {
  for (const url of [
    "/socket.io/?EIO=4&transport=polling&sid=a",
    "/anywhere?transport=polling",
    "/anywhere?EIO=3",
    "/anywhere?%45IO=4",
    "/anywhere?a=1;transport=Polling",
    "/anywhere?transport=websocket&transport=polling",
    "/socket.io/",
    "/deep/socket.io",
    "/socket.io/x",
    "/deep/Socket.IO/a/b?sid=c",
    "/socket.io/socket.io.js?sid=a",
    "/socket.io/x/socket.io.js.css",
    "/engine.io/;a=b",
    "/chat/123/abc/xhr",
    "/chat/123/abc/xhr_send?t=1",
    "/chat/123/abc/xhr_streaming/",
    "/chat/123/abc/eventsource",
    "/chat/any/one/xhr",
    "/chat/123/abc/htmlfile?c=f",
    "/chat/123/abc/jsonp?callback=f",
    "/chat%2f123%2fabc%2fjsonp_send;v=1",
    "/123/abc/xh%72",
  ])
    t.true(carriesMessages({ method: "GET", url }), url);
  t.true(
    carriesMessages({ method: "POST", url: "/chat/123/abc/jsonp" }),
    "some servers take what is sent there",
  );
  for (const url of [
    "/",
    "/?transport=websocket",
    "/?transports=polling&eio=4",
    "/?q=EIO%3D4%26transport%3Dpolling",
    "/socket.io/socket.io.js",
    "/socket.io/socket.io.esm.min.js.map?v=4",
    "/socket.io.html",
    "/api/v1/jsonp",
    "/api/v1/htmlfile?d=1",
    "/chat/info",
    "/chat/iframe.html",
    "/abc/xhr",
    "/lib/v1.2/abc/xhr",
    "/chat/123/abc/xhr/more",
    "/chat/123/abc/websocket",
  ])
    t.false(carriesMessages({ method: "GET", url }), url);
});

test("the `upgrade` hook runs for plain requests too, and can reject them", async (t) => {
  const { url } = await startHttp(t, mirror);
  const gate = `export const upgrade = ({ request }) =>
    request.headers.has("authorization")
      ? { headers: { "x-method": request.method }, responseHeaders: { "x-from": "policy" } }
      : { reject: { status: 401, headers: { "www-authenticate": "Bearer" }, body: "who?" } };`;
  const gateway = await proxyTo(t, url, { policies: ["gate"] }, { "gate.ts": gate });
  const refused = await fetch(gateway.base);
  t.is(refused.status, 401);
  t.is(refused.headers.get("www-authenticate"), "Bearer");
  t.is(await refused.text(), "who?");
  const allowed = await fetch(gateway.base, { headers: { authorization: "x" } });
  t.is(allowed.headers.get("x-from"), "policy");
  t.is(((await allowed.json()) as { headers: Record<string, string> }).headers["x-method"], "GET");
});

test("a policy that fails, and an origin that is not allowed, keep plain requests out", async (t) => {
  const { url } = await startHttp(t, mirror);
  const broken = await proxyTo(
    t,
    url,
    { policies: ["broken"] },
    { "broken.ts": "export const upgrade = () => { throw new Error('no'); };" },
  );
  t.is((await fetch(broken.base)).status, 500);
  const guarded = await proxyTo(t, url, { origins: ["https://app.example"] });
  t.is((await fetch(guarded.base, { headers: { origin: "https://evil.example" } })).status, 403);
  t.is((await fetch(guarded.base, { headers: { origin: "https://app.example" } })).status, 201);
});

test("a server that is not there is a 502, one that does not answer a 504", async (t) => {
  const { url, server } = await startHttp(t, mirror);
  server.close();
  const gone = await proxyTo(t, url);
  const refused = await fetch(gone.base);
  t.is(refused.status, 502);
  t.regex(await refused.text(), /^502 Bad Gateway\nid: /);
  t.like(await gone.logged(({ msg }) => msg === "request refused"), { code: "ERR_UPSTREAM_UNREACHABLE" });

  const silent = await startHttp(t, () => {});
  const slow = await proxyTo(t, silent.url, { httpTimeout: "200ms" });
  t.is((await fetch(slow.base)).status, 504);
});

test("a client that goes away takes its request to the server along", async (t) => {
  let onAsked: (request: IncomingMessage) => void = () => {};
  const asked = new Promise<IncomingMessage>((resolve) => {
    onAsked = resolve;
  });
  const { url } = await startHttp(t, (request) => onAsked(request));
  const gateway = await proxyTo(t, url);
  const request = httpRequest(gateway.base);
  request.on("error", () => {});
  request.end();
  const { socket } = await asked;
  const closed = once(socket, "close");
  request.destroy();
  await closed;
  t.like(await gateway.logged(({ msg }) => msg === "request refused"), { code: "ERR_UPSTREAM_ABORTED" });
});

test("upgrades on such a route are as ever", async (t) => {
  const { url } = await startServer(t);
  const gateway = await proxyTo(t, url);
  const client = await connectClient(t, gateway.url);
  client.send("hello");
  t.is(await client.next(), "hello");
});
