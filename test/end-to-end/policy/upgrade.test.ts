import test from "ava";
import { OPCODE } from "../../../core/wire/frame.ts";
import { at } from "../../support/at.ts";
import { startServer } from "../../support/peers/peers.ts";
import { clientFrame } from "../../support/peers/raw-client.ts";
import { listen } from "../../support/policies.ts";
import { sharePolicies } from "../../support/shared-policies.ts";

const start = sharePolicies();

test("an async upgrade hook reads the request and connects to another server", async (t) => {
  const other = await startServer(t, (socket) => socket.send("the other one"));
  const { connect, server } = await start(
    t,
    {
      "where.ts": `
      export const upgrade = async ({ request, options }) => {
        const to = await Promise.resolve(request.query.to);
        return to === "other" ? { connect: "${other.url}" } : undefined;
      };`,
    },
    { route: { connect: { allow: [other.url] } } },
  );
  const client = await connect("/?to=other");
  t.is(await client.next(), "the other one");
  t.is(server.requests.length, 0);
  await connect("/?to=usual");
  t.is(server.requests.length, 1);
});

test("the request has method, url, path, params, query, headers; the client its address", async (t) => {
  const { connectRaw } = await start(
    t,
    {
      "tell.ts": `
      export const upgrade = ({ request, client, route, options, attributes }) => ({ attributes: {
        request: { ...request, headers: [request.headers.get("X-Twice"), request.headers.getAll("x-twice"),
          request.headers.has("x-none"), request.headers.get("x-none") === undefined] },
        client, route, options, before: attributes,
      } });
      export const client = ({ websock }) => ({ reply: [websock.context.attributes], drop: true });`,
    },
    { route: { path: "/rooms/:room/*", policies: [{ use: "tell", options: { level: 3 } }] } },
  );
  const client = await connectRaw("/rooms/a%20b/c?q=1&q=2", ["X-Twice: one", "x-twice: two"]);
  client.write(clientFrame(OPCODE.text, "?"));
  t.deepEqual(JSON.parse((await client.next()).payload.toString()), {
    request: {
      method: "GET",
      url: "/rooms/a%20b/c?q=1&q=2",
      path: "/rooms/a%20b/c",
      params: { room: "a b" },
      query: { q: "1" },
      queryAll: { q: ["1", "2"] },
      headers: ["one, two", ["one", "two"], false, true],
    },
    client: { address: "127.0.0.1", port: client.socket.localPort, tls: false, certificate: null },
    route: { path: "/rooms/:room/*" },
    options: { level: 3 },
    before: {},
  });
});

test("the context of later hooks: id, request, attributes, subprotocol and server", async (t) => {
  const tell =
    "({ websock: { context } }) => ({ content: { body: [context.id, context.request.path, context.attributes.user, context.subprotocol, context.server.url] } })";
  const { connect, arrived, gateway, server } = await start(
    t,
    {
      "tell-later.ts": `
      export const upgrade = ({ request }) => ({ attributes: { user: request.query.user } });
      export const client = ${tell};
      export const server = ${tell};`,
    },
    { onConnection: listen },
  );
  const client = await connect("/a?user=eve", { protocols: ["chat", "other"] });
  const peer = await arrived();
  const { id } = await gateway.logged(({ msg }) => msg === "session started");
  const expected = [id, "/a", "eve", "chat", `ws://127.0.0.1:${server.port}/a`];
  client.send("?");
  t.deepEqual(JSON.parse(String(await peer.next())), expected);
  peer.ws.send("?");
  t.deepEqual(await client.nextJson(), expected);
});

test("reject: status, headers and a text body; no connection reaches the server", async (t) => {
  const { gateway, refused, server } = await start(t, {
    "guard.ts": `export const upgrade = () => ({ reject: {
      status: 401, headers: { "WWW-Authenticate": "Bearer", "X-Many": ["a", "b"] }, body: "who are you?" } });`,
  });
  const { status, headers, body } = await refused();
  t.is(status, 401);
  t.is(headers["www-authenticate"], "Bearer");
  t.is(headers["x-many"], "a, b");
  t.is(headers["content-type"], "text/plain; charset=utf-8");
  t.is(body, "who are you?");
  t.is(server.requests.length, 0);
  const record = await gateway.logged(({ msg }) => msg === "upgrade refused");
  t.is(record.code, "ERR_REJECTED");
  t.regex(String(record.detail), /guard/);
});

test("reject: a JSON body, no body, and a redirect", async (t) => {
  const { refused } = await start(t, {
    "guard-paths.ts": `export const upgrade = ({ request }) => ({
      "/json": { reject: { status: 403, body: { error: "no", tries: 2 } } },
      "/none": { reject: { status: 429, headers: { "retry-after": "7" } } },
      "/moved": { reject: { status: 308, headers: { location: "https://example.com/" } } },
    })[request.path];`,
  });
  const json = await refused("/json");
  t.is(json.status, 403);
  t.is(json.headers["content-type"], "application/json");
  t.deepEqual(JSON.parse(json.body), { error: "no", tries: 2 });
  const none = await refused("/none");
  t.is(none.status, 429);
  t.is(none.headers["retry-after"], "7");
  t.is(none.body, "");
  const moved = await refused("/moved");
  t.is(moved.status, 308);
  t.is(moved.headers.location, "https://example.com/");
});

test("headers are set on and removed from the request to the server; responseHeaders from the 101", async (t) => {
  const { connectRaw, server } = await start(t, {
    "headers.ts": `export const upgrade = () => ({
      headers: { "X-User": "eve", "X-List": ["1", "2"], "X-Secret": null, "X-Replaced": "new" },
      responseHeaders: { "X-Session": "s1", "Set-Cookie": ["a=1", "b=2"] },
    });`,
  });
  const { head } = await connectRaw("/", ["x-secret: s", "x-replaced: old", "x-kept: k"]);
  const { headers } = at(server.requests, 0);
  t.is(headers["x-user"], "eve");
  t.is(headers["x-list"], "1, 2");
  t.is(headers["x-secret"], undefined);
  t.is(headers["x-replaced"], "new");
  t.is(headers["x-kept"], "k");
  t.regex(head, /\r\nx-session: s1(\r\n|$)/);
  t.regex(head, /\r\nset-cookie: a=1\r\nset-cookie: b=2(\r\n|$)/);
});

test("a header of the handshake cannot be changed: 500, and the log names it", async (t) => {
  const { gateway, refused } = await start(t, {
    "wrong.ts": `export const upgrade = () => ({ headers: { "Sec-WebSocket-Key": "x" } });`,
  });
  t.is((await refused()).status, 500);
  const { detail } = await gateway.logged(({ msg }) => msg === "upgrade refused");
  t.regex(String(detail), /"wrong", hook upgrade.*sec-websocket-key/);
});

test("subprotocol is offered to the server in place of the client's, and is what the client gets", async (t) => {
  const { connect, server } = await start(t, {
    "pick.ts": `export const upgrade = () => ({ subprotocol: "v2" });`,
  });
  const client = await connect("/", { protocols: ["v1", "v2"] });
  t.is(client.ws.protocol, "v2");
  t.is(server.requests[0]?.headers["sec-websocket-protocol"], "v2");
});

test("contentType takes the place of the route's", async (t) => {
  const { connect } = await start(t, {
    "type.ts": `
      export const upgrade = ({ request }) => ({ contentType: request.query.type });
      export const client = ({ content }) => ({ reply: [content.type] });`,
  });
  const client = await connect("/?type=text/csv");
  client.send("a,b");
  t.is(await client.next(), "text/csv");
});

test("expires, in milliseconds or seconds, closes both legs with 1008", async (t) => {
  const { connect, arrived } = await start(t, {
    "brief.ts": `export const upgrade = ({ request }) => ({
      expires: request.query.unit === "s" ? Math.ceil(Date.now() / 1000) : Date.now() + 50 });`,
  });
  for (const unit of ["ms", "s"]) {
    const client = await connect(`/?unit=${unit}`);
    const server = await arrived();
    t.deepEqual(await client.closed, { code: 1008, reason: "expired" });
    t.deepEqual(await server.closed, { code: 1008, reason: "expired" });
  }
});
