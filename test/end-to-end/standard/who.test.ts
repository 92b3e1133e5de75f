import { createHash } from "node:crypto";
import { join } from "node:path";
import test from "ava";
import { makeFolder } from "../../config/folder.ts";
import { shareChains, startChain } from "../../standard/support.ts";
import { connectClient } from "../../support/peers/peers.ts";
import { createCertificate } from "../../support/servers/certificate.ts";

const start = shareChains();

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
const keys = [{ id: "ada", sha256: sha256("t-1") }];

test("api-key", async (t) => {
  const { connect, refused, server } = await start(t, [["api-key", { keys }]]);
  const client = await connect("/", { headers: { "X-Api-Key": "t-1" } });
  client.send("hello");
  t.is(await client.next(), "hello");
  t.is(server.requests[0]!.headers["x-api-key"], undefined);
  const { status, headers } = await refused("/", { headers: { "X-Api-Key": "t-2" } });
  t.is(status, 401);
  t.is(headers["www-authenticate"], "ApiKey");
});

test("basic-auth", async (t) => {
  const users = [{ name: "ada", salt: "9f1c4e2a", sha256: sha256("9f1c4e2a:open") }];
  const { connect, refused, server } = await start(t, [["basic-auth", { users }]]);
  const as = (pair: string) => ({ headers: { authorization: `Basic ${btoa(pair)}` } });
  await connect("/", as("ada:open"));
  t.is(server.requests[0]!.headers.authorization, undefined);
  t.is((await refused("/", as("ada:shut"))).status, 401);
});

test("client-certificate", async (t) => {
  const authority = { ...createCertificate({ commonName: "Devices CA" }), commonName: "Devices CA" };
  const own = createCertificate();
  const dir = await makeFolder(t, { "own.crt": own.cert, "own.key": own.key, "ca.crt": authority.cert });
  const [cert, key, ca] = ["own.crt", "own.key", "ca.crt"].map((name) => join(dir, name));
  const tls = { certificates: [{ cert, key }], ca, clientCertificate: "request" };
  const { gateway } = await startChain(t, [["client-certificate", { subjects: ["device-*"] }]], {}, {
    listen: [{ host: "127.0.0.1", port: 0, tls }],
  } as object);
  const url = `wss://127.0.0.1:${gateway.port}`;
  const device = createCertificate({ commonName: "device-7", issuer: authority });
  const client = await connectClient(t, url, { ca: own.cert, ...device });
  client.send("hello");
  t.is(await client.next(), "hello");
  const other = createCertificate({ commonName: "pump-7", issuer: authority });
  const forged = createCertificate({ commonName: "device-7" });
  for (const shown of [other, forged, {}]) {
    await t.throwsAsync(connectClient(t, url, { ca: own.cert, ...shown }), { message: /403/ });
  }
});

test("ip-allow", async (t) => {
  const [allowed, denied] = await Promise.all([
    start(t, [["ip-allow", { allow: ["127.0.0.0/8"] }]]),
    start(t, [["ip-allow", { deny: ["127.0.0.1"] }]]),
  ]);
  await allowed.connect();
  t.is((await denied.refused()).status, 403);
});

test("subprotocol-auth", async (t) => {
  const { connect, server } = await start(t, [["subprotocol-auth", { keys }]]);
  const client = await connect("/", { protocols: ["chat.v1", "bearer.t-1"] });
  t.is(client.ws.protocol, "chat.v1");
  t.is(server.requests[0]!.headers["sec-websocket-protocol"], "chat.v1");
  await t.throwsAsync(connect("/", { protocols: ["chat.v1", "bearer.t-2"] }), {
    message: /401/,
  });
});

test("first-message-auth", async (t) => {
  const { connect } = await start(t, [["first-message-auth", { keys }]], {
    onConnection(socket) {
      socket.send("for friends");
      socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary }));
    },
  });
  const client = await connect();
  client.send('{"type":"auth","token":"t-1"}');
  t.deepEqual(await client.nextJson(), { type: "auth", ok: true });
  client.send("hello");
  t.is(await client.next(), "hello");

  const stranger = await connect();
  stranger.send("hello");
  t.like(await stranger.closed, { code: 4401 });
});
