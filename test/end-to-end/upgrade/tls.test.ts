import { createServer } from "node:https";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import test from "ava";
import { startGateway, type TestGateway } from "../../support/gateways/gateway.ts";
import { ask, upgradeHead } from "../../support/peers/http.ts";
import { connectClient } from "../../support/peers/peers.ts";
import { createCertificate } from "../../support/servers/certificate.ts";
import { startUpgradeServer, type UpgradeServer } from "../../support/servers/upgrade-server.ts";

const certificate = createCertificate();
const teardowns: (() => unknown)[] = [];
const scope = { teardown: (fn: () => unknown) => void teardowns.push(fn) };
let server: UpgradeServer;
let gateway: TestGateway;

test.before(async () => {
  server = await startUpgradeServer(scope, createServer(certificate));
  gateway = await startGateway(scope, {
    policies: { "unchanged.ts": "export const client = () => {}; export const server = () => {};" },
    routes: [
      { path: "/spliced/*", upstream: `wss://127.0.0.1:${server.port}` },
      { path: "/policy/*", upstream: `https://127.0.0.1:${server.port}`, policies: ["unchanged"] },
      { path: "/misnamed/*", upstream: `wss://localhost:${server.port}` },
      { path: "/plain/*", upstream: `ws://127.0.0.1:${server.port}` },
    ],
  });
});

test.after.always(async () => {
  for (const teardown of teardowns.reverse()) await teardown();
});

async function detailOf(path: string): Promise<string> {
  const record = await gateway.logged((each) => each.msg === "upgrade refused" && each.path === path);
  return `${record.code} ${record.detail}`;
}

// In this order: the certificates that this process trusts are changed on the way.
test.serial("a server whose certificate is not trusted is a 502 that says so", async (t) => {
  t.is((await ask(t, gateway.port, upgradeHead("/spliced/untrusted"))).status, 502);
  t.regex(
    await detailOf("/spliced/untrusted"),
    new RegExp(`^ERR_UPSTREAM_UNREACHABLE wss://127.0.0.1:${server.port}/.*self-signed certificate`),
  );
});

test.serial("wss and https upstreams with a trusted certificate are reached over TLS", async (t) => {
  setDefaultCACertificates([...getCACertificates("default"), certificate.cert]);
  for (const path of ["/spliced/trusted", "/policy/trusted"]) {
    const accepted = server.upgrade(path).then((upgrade) => upgrade.accept());
    const client = await connectClient(t, gateway.url + path);
    const peer = await accepted;
    const large = "x".repeat(300_000);
    client.send(large);
    peer.send(large);
    t.is(await peer.next(), large);
    t.is(await client.next(), large);
    client.close(4000, "over TLS");
    t.deepEqual(await peer.closed, { code: 4000, reason: "over TLS" });
    t.is((await client.closed).code, 4000);
  }
});

test.serial("a TLS server that cuts the connection is seen as that", async (t) => {
  const accepted = server.upgrade("/spliced/cut").then((upgrade) => upgrade.accept());
  const client = await connectClient(t, `${gateway.url}/spliced/cut`);
  (await accepted).ws.terminate();
  t.is((await client.closed).code, 1006);

  const again = server.upgrade("/spliced/left").then((upgrade) => upgrade.accept());
  const leaving = await connectClient(t, `${gateway.url}/spliced/left`);
  const peer = await again;
  leaving.ws.terminate();
  t.is((await peer.closed).code, 1006);
});

test.serial("a certificate for another name is a 502 that says so", async (t) => {
  t.is((await ask(t, gateway.port, upgradeHead("/misnamed/x"))).status, 502);
  t.regex(await detailOf("/misnamed/x"), /altnames/);
});

test.serial("a server that speaks TLS where the route does not is a 502", async (t) => {
  t.is((await ask(t, gateway.port, upgradeHead("/plain/x"))).status, 502);
  t.regex(await detailOf("/plain/x"), /^ERR_UPSTREAM_/);
});

test.serial("no session stays open", async (t) => {
  const started = gateway.log.filter(({ msg }) => msg === "session started");
  t.is(started.length, 4);
  for (const { id } of started) {
    await gateway.logged((record) => record.msg === "session ended" && record.id === id);
  }
});
