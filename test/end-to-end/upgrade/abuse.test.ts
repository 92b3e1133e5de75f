import { once } from "node:events";
import { readFile, unlink } from "node:fs/promises";
import { createServer, type ServerResponse } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { join } from "node:path";
import test from "ava";
import { eventually } from "../../support/eventually.ts";
import { startGateway } from "../../support/gateways/gateway.ts";
import { ask, upgradeHead } from "../../support/peers/http.ts";
import { connectClient, startServer } from "../../support/peers/peers.ts";
import { askUntil } from "../../support/policies.ts";

test("a path that the server could read as another route's is not served", async (t) => {
  const server = await startServer(t);
  const { port, logged } = await startGateway(t, {
    policies: { "closed.ts": "export const upgrade = () => ({ reject: { status: 401 } });" },
    routes: [
      { path: "/admin/*", upstream: server.url, policies: ["closed"] },
      { path: "/*", upstream: server.url },
    ],
  });
  t.is((await ask(t, port, upgradeHead("/admin/x"))).status, 401);
  for (const path of ["/admin%2Fx", "/admin;a/x", "/%2Fadmin/x"]) {
    t.is((await ask(t, port, upgradeHead(path))).status, 404, path);
    t.like(await logged((record) => record.path === path), { code: "ERR_NO_ROUTE" });
  }
  t.is((await ask(t, port, upgradeHead("/x/..;/admin/x"))).status, 400);
  t.deepEqual(server.requests, []);
});

test("stop does not wait for a client that never ends its request", async (t) => {
  const { gateway, port } = await startGateway(t, { routes: [{ path: "/*", upstream: "ws://127.0.0.1:1" }] });
  const silent = connect(port, "127.0.0.1").on("error", () => {});
  const slow = connect(port, "127.0.0.1").on("error", () => {});
  await Promise.all([once(silent, "connect"), once(slow, "connect")]);
  // The answer to the first request says that the second, unfinished one has been read.
  slow.write("GET / HTTP/1.1\r\nHost: test\r\n\r\nGET / HTTP/1.1\r\nHo");
  await once(slow.resume(), "data");
  const closed = Promise.all([once(silent.resume(), "close"), once(slow, "close")]);
  await gateway.stop();
  t.is((await closed).length, 2);
});

test("an upgrade behind a request without an answer is refused, after that answer", async (t) => {
  const held = Promise.withResolvers<ServerResponse>();
  const server = createServer((_request, response) => held.resolve(response)).listen(0, "127.0.0.1");
  t.teardown(() => server.close());
  await once(server, "listening");
  let upgrades = 0;
  server.on("upgrade", () => upgrades++);
  const upstream = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { port, logged } = await startGateway(t, { routes: [{ path: "/*", upstream, http: "proxy" }] });
  const socket = connect(port, "127.0.0.1");
  t.teardown(() => socket.destroy());
  let bytes = "";
  socket.setEncoding("latin1").on("data", (text) => {
    bytes += text;
  });
  socket.write(`GET /plain HTTP/1.1\r\nHost: test\r\n\r\n${upgradeHead("/socket")}`);
  (await held.promise).end("the answer");
  await once(socket, "close");
  const [first, second] = bytes.split("the answer");
  t.regex(first!, /^HTTP\/1\.1 200 /);
  t.regex(second!, /^HTTP\/1\.1 400 [\s\S]*\r\n\r\n400 Bad Request\nid: /);
  t.is(upgrades, 0);
  await logged(({ code, detail }) => code === "ERR_BAD_HANDSHAKE" && /no answer yet/.test(String(detail)));
});

test("a route that comes back is also there for its open sessions", async (t) => {
  const server = await startServer(t);
  const route = `export const route = { path: "/x", upstream: "${server.url}", recycleSpread: "1h" };`;
  const { dir, url, write, logged } = await startGateway(t, {
    policies: { "own.ts": `${route} export const client = () => {};` },
    routes: [{ path: "/other", upstream: server.url }],
  });
  const client = await connectClient(t, `${url}/x`);
  await unlink(join(dir, "own.ts"));
  await logged((record) => record.msg === "policy removed");
  await write("own.ts", `${route} export const server = () => ({ content: { body: "checked" } });`);
  t.is(await askUntil(client, "m", (answer) => answer === "checked"), "checked");
});

test("TCP asks both ends of a session whether they are still there", async (t) => {
  const server = await startServer(t);
  const { url, port } = await startGateway(t, { routes: [{ path: "/*", upstream: server.url }] });
  const client = await connectClient(t, `${url}/x`);
  client.send("m");
  await client.next();
  const accepted = await server.accept();
  const ends = [
    { local: port, remote: client.socket.localPort ?? 0 },
    {
      local: (accepted as unknown as { _socket: { remotePort: number } })._socket.remotePort,
      remote: server.port,
    },
  ];
  // That of the server is asked for when the session has lasted for a moment.
  for (const end of ends) t.true(await findKeepAlive(end));
});

/** The timer that the kernel runs for one of this machine's connections is that of keep-alive. */
function findKeepAlive(end: { local: number; remote: number }): Promise<true> {
  const hex = (port: number): string => `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  return eventually("TCP keeps it alive", async () => {
    const rows = (await readFile("/proc/net/tcp", "utf8")).split("\n").map((row) => row.trim().split(/\s+/));
    const row = rows.find(([, from, to]) => from?.endsWith(hex(end.local)) && to?.endsWith(hex(end.remote)));
    return row?.[5]?.startsWith("02:") === true;
  });
}
