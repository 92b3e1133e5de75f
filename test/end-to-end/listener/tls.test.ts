import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type ConnectionOptions, connect, type TLSSocket } from "node:tls";
import test, { type ExecutionContext } from "ava";
import { createGateway, createLogger } from "../../../core/index.ts";
import { makeFolder } from "../../config/folder.ts";
import { startGateway, type TestGateway } from "../../support/gateways/gateway.ts";
import { readAnswer, upgradeHead } from "../../support/peers/http.ts";
import { connectClient, echo, startServer } from "../../support/peers/peers.ts";
import { createCertificate } from "../../support/servers/certificate.ts";

const authority = { ...createCertificate({ commonName: "test authority" }), commonName: "test authority" };
const whoIs = `
  export const upgrade = ({ client }) => ({ attributes: { client } });
  export const client = ({ websock }) => ({ drop: true, reply: [websock.context.client] });
`;

async function start(
  t: ExecutionContext,
  tls: Record<string, unknown> = {},
  others: Record<string, unknown> = {},
  workers = 0,
): Promise<{ gateway: TestGateway; dir: string }> {
  const first = createCertificate({ commonName: "first", names: ["first.test"] });
  const second = createCertificate({ commonName: "second", names: ["second.test", "*.second.test"] });
  const dir = await makeFolder(t, {
    "first.crt": first.cert,
    "first.key": first.key,
    "second.crt": second.cert,
    "second.key": second.key,
    "ca.crt": authority.cert,
  });
  const at = (name: string) => join(dir, name);
  const server = await startServer(t, echo);
  const gateway = await startGateway(t, {
    policies: { "who.ts": whoIs },
    routes: [
      { path: "/echo", upstream: server.url },
      { path: "/who", upstream: server.url, policies: ["who"] },
    ],
    config: {
      workers,
      listen: [
        {
          port: 0,
          tls: {
            certificates: [
              { cert: at("first.crt"), key: at("first.key") },
              { cert: at("second.crt"), key: at("second.key") },
            ],
            ...(tls.clientCertificate !== undefined && { ca: at("ca.crt") }),
            ...tls,
          },
          ...others,
        },
      ],
    },
  });
  return { gateway, dir };
}

/** Shakes hands and nothing more. */
async function shake(t: ExecutionContext, port: number, options: ConnectionOptions = {}): Promise<TLSSocket> {
  const socket = connect({ host: "127.0.0.1", port, rejectUnauthorized: false, ...options });
  t.teardown(() => socket.destroy());
  await once(socket, "secureConnect");
  return socket;
}

function subjectOf(socket: TLSSocket): unknown {
  return socket.getPeerCertificate().subject.CN;
}

function wss(gateway: TestGateway, path: string): string {
  return `wss://127.0.0.1:${gateway.port}${path}`;
}

test("a session over TLS: messages, large ones, and the close come through", async (t) => {
  const { gateway } = await start(t);
  const client = await connectClient(t, wss(gateway, "/echo"), { rejectUnauthorized: false });
  const large = "x".repeat(300_000);
  client.send(large);
  t.is(await client.next(), large);
  client.close(4000, "over TLS");
  t.deepEqual(await client.closed, { code: 4000, reason: "over TLS" });
  t.true(gateway.gateway.addresses.listen[0]!.tls);
});

test("the name that the client asks for decides about the certificate, the first is for all others", async (t) => {
  const { gateway } = await start(t);
  const expected = {
    "first.test": "first",
    "second.test": "second",
    "A.Second.test": "second",
    "a.b.second.test": "first",
    "elsewhere.test": "first",
  };
  for (const [servername, subject] of Object.entries(expected)) {
    t.is(subjectOf(await shake(t, gateway.port, { servername })), subject, servername);
  }
  t.is(subjectOf(await shake(t, gateway.port)), "first", "no name");
});

test("versions: a client below minVersion is refused, and the log says so", async (t) => {
  const { gateway } = await start(t, { minVersion: "TLSv1.3" });
  await t.throwsAsync(shake(t, gateway.port, { maxVersion: "TLSv1.2" }), { message: /version/ });
  t.is((await shake(t, gateway.port)).getProtocol(), "TLSv1.3");
  const record = await gateway.logged(({ msg }) => msg === "connection refused");
  t.is(record.code, "ERR_TLS_HANDSHAKE");
  t.regex(String(record.client), /^127\.0\.0\.1:\d+$/);
});

test("maxVersion and ciphers hold", async (t) => {
  const { gateway } = await start(t, { maxVersion: "TLSv1.2", ciphers: "ECDHE-ECDSA-AES256-GCM-SHA384" });
  const socket = await shake(t, gateway.port);
  t.is(socket.getProtocol(), "TLSv1.2");
  t.is(socket.getCipher().name, "ECDHE-ECDSA-AES256-GCM-SHA384");
});

test("hsts goes with plain answers and refusals", async (t) => {
  const { gateway } = await start(t, {}, { hsts: "365d" });
  const asked = ["GET /nowhere HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", upgradeHead("/nowhere")];
  for (const head of asked) {
    const socket = await shake(t, gateway.port);
    socket.write(head);
    const { status, headers } = await readAnswer(socket);
    t.is(status, 404);
    t.is(headers.get("strict-transport-security"), "max-age=31536000");
  }
});

test("client certificates: `request` lets all in, and policies see what was shown", async (t) => {
  const { gateway } = await start(t, { clientCertificate: "request" });
  const signed = createCertificate({
    commonName: "alice",
    names: ["alice.test", "a.test"],
    issuer: authority,
  });
  const foreign = createCertificate({ commonName: "alice" });
  const seen = async (certificate: object) => {
    const client = await connectClient(t, wss(gateway, "/who"), {
      rejectUnauthorized: false,
      ...certificate,
    });
    client.send("who?");
    return (await client.nextJson()) as { tls: boolean; certificate: unknown };
  };
  t.like(await seen({}), { tls: true, certificate: null });
  t.like((await seen(foreign)).certificate, { verified: false, subject: { CN: "alice" } });
  const { fingerprint256, ...certificate } = (await seen(signed)).certificate as Record<string, unknown>;
  t.deepEqual(certificate, {
    verified: true,
    subject: { CN: "alice" },
    issuer: { CN: "test authority" },
    names: ["DNS:alice.test", "DNS:a.test"],
    serial: "01",
    validFrom: "2020-01-01T00:00:00.000Z",
    validTo: "2999-12-31T23:59:59.000Z",
  });
  t.regex(String(fingerprint256), /^([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
});

test("client certificates: `require` keeps out who shows none, or another authority's", async (t) => {
  const { gateway } = await start(t, { clientCertificate: "require" });
  const options = { rejectUnauthorized: false };
  await t.throwsAsync(connectClient(t, wss(gateway, "/echo"), options));
  const refused = await gateway.logged(({ msg }) => msg === "connection refused");
  t.like(refused, { code: "ERR_TLS_HANDSHAKE", detail: "peer did not return a certificate" });
  await t.throwsAsync(connectClient(t, wss(gateway, "/echo"), { ...options, ...createCertificate() }));
  await gateway.logged(({ detail }) => String(detail).startsWith("client certificate: "));
  const signed = createCertificate({ issuer: authority });
  const client = await connectClient(t, wss(gateway, "/echo"), { ...options, ...signed });
  client.send("in");
  t.is(await client.next(), "in");
});

for (const workers of [0, 2]) {
  test(`workers: ${workers}: files that change: new connections get the new certificate, open ones stay; a broken file changes nothing`, async (t) => {
    const { gateway, dir } = await start(t, {}, {}, workers);
    const open = await connectClient(t, wss(gateway, "/echo"), { rejectUnauthorized: false });

    await writeFile(join(dir, "first.crt"), "not a certificate");
    const record = await gateway.logged(({ msg }) => msg.startsWith("certificates not reloaded"));
    t.regex(record.msg, /listen\[0\]\.tls\.certificates\[0\]\.cert: .*first\.crt is no certificate in PEM/);
    t.is(subjectOf(await shake(t, gateway.port)), "first");

    const newer = createCertificate({ commonName: "newer" });
    await writeFile(join(dir, "first.key"), newer.key);
    await writeFile(join(dir, "first.crt"), newer.cert);
    await gateway.logged(({ msg }) => msg === "certificates reloaded");
    t.is(subjectOf(await shake(t, gateway.port)), "newer");
    open.send("still here");
    t.is(await open.next(), "still here");
  });
}

const first = createCertificate({ commonName: "first" });
const other = createCertificate();
const broken: readonly (readonly [string, Record<string, string>, RegExp])[] = [
  ["no file", {}, /listen\[0\]\.tls\.certificates\[0\]\.cert: .*a\.crt is not there/],
  ["no certificate", { "a.crt": "?", "a.key": first.key }, /\.cert: .*a\.crt is no certificate in PEM/],
  ["no key", { "a.crt": first.cert, "a.key": "?" }, /\.key: .*a\.key is no private key in PEM/],
  [
    "another's key",
    { "a.crt": first.cert, "a.key": other.key },
    /\.key: .*a\.key is not the private key of .*a\.crt/,
  ],
];
for (const [what, files, message] of broken) {
  test(`a certificate that cannot be used keeps the gateway from starting: ${what}`, async (t) => {
    const dir = await makeFolder(t, files);
    const certificates = [{ cert: join(dir, "a.crt"), key: join(dir, "a.key") }];
    const gateway = await createGateway(
      {
        listen: [{ port: 0, tls: { certificates } }],
        console: false,
        workers: 0,
        policies: dir,
        sandbox: { warmSpare: false },
      },
      { logger: createLogger({ level: "silent" }) },
    );
    await t.throwsAsync(gateway.start(), { code: "ERR_TLS", message });
  });
}
