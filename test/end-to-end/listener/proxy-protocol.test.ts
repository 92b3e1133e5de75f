import { once } from "node:events";
import { connect as connectTcp, type Socket } from "node:net";
import { join } from "node:path";
import { connect as connectTls } from "node:tls";
import test, { type ExecutionContext } from "ava";
import type { ConfigInput } from "../../../core/index.ts";
import { makeFolder } from "../../config/folder.ts";
import { startGateway, type TestGateway } from "../../support/gateways/gateway.ts";
import { openSocket, readAnswer, upgradeHead } from "../../support/peers/http.ts";
import { startServer } from "../../support/peers/peers.ts";
import { readHead, wrapRaw } from "../../support/peers/raw-client.ts";
import { createCertificate } from "../../support/servers/certificate.ts";

const header1 = Buffer.from("PROXY TCP4 203.0.113.7 192.0.2.1 50000 443\r\n");
const header2 = Buffer.from("0d0a0d0a000d0a515549540a2111000ccb007107c0000201c35001bb", "hex");
const whoIs = "export const server = ({ websock }) => ({ content: { body: websock.context.client } });";

type ListenerInput = NonNullable<ConfigInput["listen"]>[number];

async function start(t: ExecutionContext, listener: ListenerInput): Promise<TestGateway> {
  const server = await startServer(t, (socket) => socket.send("{}"));
  return startGateway(t, {
    policies: { "who.ts": whoIs },
    routes: [{ path: "/who", upstream: server.url, policies: ["who"] }],
    config: { listen: [{ port: 0, proxyProtocol: true, trustedProxies: ["127.0.0.0/8"], ...listener }] },
  });
}

/** The client's address, as a policy of the route reads it. */
async function whoAmI(socket: Socket): Promise<{ address: string; port: number }> {
  const { head, rest } = await readHead(socket);
  if (!head.startsWith("HTTP/1.1 101")) throw new Error(head);
  return JSON.parse(String((await wrapRaw(socket, rest, false).next()).payload));
}

for (const [version, header] of [
  [1, header1],
  [2, header2],
] as const) {
  test(`version ${version}: policies and log have the client's address, however the bytes come`, async (t) => {
    const gateway = await start(t, {});
    const bytes = Buffer.concat([header, Buffer.from(upgradeHead("/who"))]);
    for (const cut of [bytes.length, header.length, header.length + 5, 10, 1]) {
      const socket = await openSocket(t, gateway.port);
      for (const part of [bytes.subarray(0, cut), bytes.subarray(cut)]) {
        if (part.length > 0) await new Promise((done) => socket.write(part, done));
        await new Promise(setImmediate);
      }
      t.like(await whoAmI(socket), { address: "203.0.113.7", port: 50_000, tls: false }, `cut at ${cut}`);
      socket.destroy();
    }
    const record = await gateway.logged(({ msg }) => msg === "session started");
    t.is(record.client, "203.0.113.7:50000");
  });
}

test("a header in front of TLS", async (t) => {
  const certificate = createCertificate();
  const dir = await makeFolder(t, { "a.crt": certificate.cert, "a.key": certificate.key });
  const tls = { certificates: [{ cert: join(dir, "a.crt"), key: join(dir, "a.key") }] };
  const gateway = await start(t, { tls });
  const raw = await openSocket(t, gateway.port);
  raw.write(header2);
  const socket = connectTls({ socket: raw, rejectUnauthorized: false });
  await once(socket, "secureConnect");
  socket.write(upgradeHead("/who"));
  t.like(await whoAmI(socket), { address: "203.0.113.7", port: 50_000, tls: true });
  const record = await gateway.logged(({ msg }) => msg === "session started");
  t.is(record.client, "203.0.113.7:50000");
});

test("a proxy that speaks for itself is the client", async (t) => {
  const gateway = await start(t, { trustedProxies: "any" });
  const socket = await openSocket(t, gateway.port);
  socket.write(`PROXY UNKNOWN\r\n${upgradeHead("/who")}`);
  t.like(await whoAmI(socket), { address: "127.0.0.1", port: socket.localPort });
});

test("over a Unix socket the rights of the file decide", async (t) => {
  const dir = await makeFolder(t);
  const path = join(dir, "gate.sock");
  const server = await startServer(t, (socket) => socket.send("{}"));
  const listener = { socket: path, proxyProtocol: true, trustedProxies: ["10.0.0.0/8"] };
  await startGateway(t, {
    policies: { "who.ts": whoIs },
    routes: [{ path: "/who", upstream: server.url, policies: ["who"] }],
    config: { listen: [listener] },
  });
  const socket = connectTcp({ path, allowHalfOpen: true });
  t.teardown(() => socket.destroy());
  socket.write(Buffer.concat([header1, Buffer.from(upgradeHead("/who"))]));
  t.like(await whoAmI(socket), { address: "203.0.113.7", port: 50_000 });
});

test("a connection without a header is closed, and logged", async (t) => {
  const gateway = await start(t, {});
  const socket = await openSocket(t, gateway.port);
  socket.write(upgradeHead("/who"));
  t.is((await readAnswer(socket).catch(() => ({ body: "" }))).body, "");
  const record = await gateway.logged(({ msg }) => msg === "connection refused");
  t.like(record, { code: "ERR_PROXY_HEADER", listener: "127.0.0.1:0" });
});

test("an address that is not trusted is not believed: the connection is closed, and logged", async (t) => {
  const gateway = await start(t, { trustedProxies: ["10.0.0.0/8", "::1"] });
  const socket = await openSocket(t, gateway.port);
  socket.write(Buffer.concat([header1, Buffer.from(upgradeHead("/who"))]));
  t.is((await readAnswer(socket).catch(() => ({ body: "" }))).body, "");
  const record = await gateway.logged(({ msg }) => msg === "connection refused");
  t.like(record, { code: "ERR_PROXY_UNTRUSTED", detail: "127.0.0.1 is not among trustedProxies" });
});
