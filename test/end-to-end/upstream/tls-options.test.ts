import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TLSSocket, TlsOptions } from "node:tls";
import test, { type ExecutionContext } from "ava";
import type { UpstreamTlsInput } from "../../../core/config/generated/config-input.ts";
import { resolveConfig } from "../../../core/index.ts";
import { startGateway } from "../../support/gateways/gateway.ts";
import { ask, upgradeHead } from "../../support/peers/http.ts";
import { connectClient } from "../../support/peers/peers.ts";
import { createCertificate } from "../../support/servers/certificate.ts";
import { startUpgradeServer } from "../../support/servers/upgrade-server.ts";

const serverCertificate = createCertificate();
const clientCertificate = createCertificate();

async function start(t: ExecutionContext, tls: UpstreamTlsInput, server: TlsOptions = {}) {
  const dir = await mkdtemp(join(tmpdir(), "framegate-"));
  t.teardown(() => rm(dir, { recursive: true }));
  await writeFile(join(dir, "ca.pem"), serverCertificate.cert);
  await writeFile(join(dir, "client.pem"), clientCertificate.cert);
  await writeFile(join(dir, "client.key"), clientCertificate.key);
  const files = Object.fromEntries(
    Object.entries(tls).map(([key, value]) => [
      key,
      ["ca", "cert", "key"].includes(key) ? join(dir, String(value)) : value,
    ]),
  );
  const upgrades = await startUpgradeServer(t, createServer({ ...serverCertificate, ...server }));
  const routes = (security: object) => [
    { path: "/*", upstream: { url: `wss://127.0.0.1:${upgrades.port}`, tls: security } },
  ];
  const gateway = await startGateway(t, { routes: routes(files) });
  const config = () =>
    resolveConfig({ listen: [{ port: 0 }], policies: gateway.dir, routes: routes(files) }, { dir: "/" });
  return { gateway, upgrades, dir, config };
}

async function connect(t: ExecutionContext, { gateway, upgrades }: Awaited<ReturnType<typeof start>>) {
  const accepted = upgrades.upgrade("/").then(async (upgrade) => {
    const peer = await upgrade.accept();
    return { peer, socket: upgrade.socket as TLSSocket };
  });
  await connectClient(t, gateway.url);
  return (await accepted).socket;
}

async function refusal(setup: Awaited<ReturnType<typeof start>>): Promise<string> {
  await ask({ teardown() {} } as never, setup.gateway.port, upgradeHead("/"));
  const record = await setup.gateway.logged(({ msg }) => msg === "upgrade refused");
  return `${record.status} ${record.code} ${record.detail}`;
}

test("verification is on, and a CA of one's own is trusted", async (t) => {
  t.regex(
    await refusal(await start(t, {})),
    /^502 ERR_UPSTREAM_UNREACHABLE wss:.*self-signed certificate; nobody that this machine trusts has signed its certificate: set `upstream\.tls\.ca` of the route \/\* to the PEM file of who has$/,
  );
  t.truthy(await connect(t, await start(t, { ca: "ca.pem" })));
});

test("verify: false takes any certificate", async (t) => {
  t.truthy(await connect(t, await start(t, { verify: false })));
});

test("a client certificate is shown", async (t) => {
  const server = { requestCert: true, rejectUnauthorized: true, ca: clientCertificate.cert };
  t.regex(await refusal(await start(t, { ca: "ca.pem" }, server)), /^502 ERR_UPSTREAM_/);
  const socket = await connect(
    t,
    await start(t, { ca: "ca.pem", cert: "client.pem", key: "client.key" }, server),
  );
  t.true(socket.authorized);
});

test("servername is sent as SNI, and is what the certificate must be for", async (t) => {
  const socket = await connect(t, await start(t, { verify: false, servername: "orders.internal" }));
  t.is((socket as unknown as { servername: string }).servername, "orders.internal");
  const checked = await start(t, { ca: "ca.pem", servername: "orders.internal" });
  t.regex(await refusal(checked), /altnames.*set `upstream\.tls\.servername` of the route \/\* to one$/);
});

test("a certificate that has expired", async (t) => {
  const expired = createCertificate({ until: "20200201000000Z" });
  const setup = await start(t, { ca: "ca.pem" }, expired);
  await writeFile(join(setup.dir, "ca.pem"), expired.cert);
  await setup.gateway.gateway.reload(setup.config());
  t.regex(
    await refusal(setup),
    /certificate has expired; the server needs a new certificate: renew it there$/,
  );
});

test("versions and ciphers", async (t) => {
  const old = await connect(t, await start(t, { verify: false, maxVersion: "TLSv1.2" }));
  t.is(old.getProtocol(), "TLSv1.2");
  const strict = await start(t, { verify: false, minVersion: "TLSv1.3" }, { maxVersion: "TLSv1.2" });
  t.regex(await refusal(strict), /^502 ERR_UPSTREAM_UNREACHABLE/);
  const cipher = "ECDHE-ECDSA-AES256-GCM-SHA384";
  const chosen = await connect(t, await start(t, { verify: false, maxVersion: "TLSv1.2", ciphers: cipher }));
  t.is(chosen.getCipher().name, cipher);
});

test("a reload reads the files again", async (t) => {
  const setup = await start(t, { ca: "client.pem" });
  t.regex(await refusal(setup), /self-signed certificate/);
  await writeFile(join(setup.dir, "client.pem"), serverCertificate.cert);
  await setup.gateway.gateway.reload(setup.config());
  t.truthy(await connect(t, setup));
});
