import { mkdir, readdir, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { connect } from "node:tls";
import test from "ava";
import { resolveConfig } from "../../core/config/index.ts";
import type { ConfigInput } from "../../core/index.ts";
import { makeFolder } from "../config/folder.ts";
import { eventually } from "../support/eventually.ts";
import { startGateway } from "../support/gateways/gateway.ts";
import { has } from "../support/needs.ts";
import { startServer } from "../support/peers/peers.ts";
import { createCertificate } from "../support/servers/certificate.ts";
import { startPebble } from "../support/servers/pebble.ts";
import { quietPorts } from "../support/servers/quiet-ports.ts";
import { startRedis } from "../support/servers/redis.ts";

const NAMES = ["gate.example", "www.gate.example"];

test("certificates by ACME: ordered, renewed while connections go on, used without the authority, and never made up", async (t) => {
  if (!has(t, "pebble")) return;
  const [httpPort = 0, otherPort = 0] = await quietPorts(2);
  const authority = await startPebble(httpPort);
  t.teardown(() => authority.stop());
  const dir = await makeFolder(t, {});
  const { directory, ca } = authority;
  const listenWith = (plainPort: number, domains: readonly string[]): ConfigInput["listen"] => [
    { port: plainPort },
    { port: 0, tls: { acme: { directory, domains: [...domains], ca, folder: join(dir, "acme") } } },
  ];
  const server = await startServer(t);
  const start = (listen: ConfigInput["listen"], workers: number) =>
    startGateway(t, {
      routes: [{ path: "/*", upstream: server.url }],
      config: { listen, workers, console: { port: 0, token: false } },
    });
  const fileOf = (listen: ConfigInput["listen"]) =>
    resolveConfig({ listen, routes: [] }, { dir }).listen[1]!.tls!.acme!.file;

  // One that ended long ago: it is used until there is another.
  const listen = listenWith(httpPort, NAMES);
  const file = fileOf(listen);
  const expired = createCertificate({ names: NAMES, until: "20200201000000Z" });
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, expired.key + expired.cert);
  const first = await start(listen, 2);
  const tlsPort = (gateway: typeof first) => gateway.gateway.addresses.listen[1]!.port;
  await eventually(
    "the certificate is the authority's",
    async () => (await greet(tlsPort(first), authority.root)) === "trusted",
  );
  const { host, port } = first.gateway.addresses.console!;
  const metrics = await (await fetch(`http://${host}:${port}/metrics`)).text();
  const [, end = ""] =
    /^framegate_certificate_end_timestamp_seconds\{name="gate.example"\} (\S+)$/m.exec(metrics) ?? [];
  t.true(Number(end) * 1000 > Date.now(), metrics);
  t.is((await stat(file)).mode & 0o777, 0o600);
  t.is((await readdir(dirname(file))).length, 2);
  t.true(first.log.some(({ msg }) => msg === "certificate renewed"));
  t.false(first.log.some(({ level }) => level === "error"));
  // What nobody asks for any more is no answer.
  t.is((await fetch(`http://127.0.0.1:${httpPort}/.well-known/acme-challenge/x`)).status, 426);

  await authority.kill();
  await first.stop();
  const second = await start(listen, 0);
  t.is(await greet(tlsPort(second), authority.root), "trusted");

  const third = await start(listenWith(otherPort, ["other.example"]), 0);
  await eventually("the failure is told", () =>
    third.log.some(({ msg }) => msg === "certificate not renewed"),
  );
  t.regex(await greet(tlsPort(third), authority.root), /handshake failure|alert/);
});

test("in a fleet the authority may ask any machine, also one that has not ordered", async (t) => {
  if (!has(t, "pebble", "redis-server")) return;
  const [httpPort = 0] = await quietPorts(1);
  const [authority, redis] = await Promise.all([startPebble(httpPort), startRedis()]);
  t.teardown(() => authority.stop());
  t.teardown(() => redis.stop());
  const server = await startServer(t);
  const { directory, ca } = authority;
  const dir = await makeFolder(t, {});
  const configOf = (node: string, port: number): ConfigInput => ({
    listen: [
      { port },
      { port: 0, tls: { acme: { directory, domains: NAMES, ca, folder: join(dir, node) } } },
    ],
    cluster: { url: redis.url, node },
    routes: [{ path: "/*", upstream: server.url }],
  });
  const start = (config: ConfigInput, workers: number) =>
    startGateway(t, { routes: config.routes, config: { ...config, workers } });

  // It has a certificate, so that it orders none; and it is whom the authority asks.
  const asked = configOf("asked", httpPort);
  const { file } = resolveConfig(asked, { dir }).listen[1]!.tls!.acme!;
  const own = createCertificate({ names: NAMES });
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, own.key + own.cert);
  const other = await start(asked, 2);
  const ordering = await start(configOf("ordering", 0), 0);
  await eventually(
    "the certificate is the authority's",
    async () => (await greet(ordering.gateway.addresses.listen[1]!.port, authority.root)) === "trusted",
  );
  t.true(ordering.log.some(({ msg }) => msg === "certificate renewed"));
  t.false([...ordering.log, ...other.log].some(({ level }) => level === "error" || level === "warn"));
  t.false(other.log.some(({ msg }) => msg === "certificate renewed"));
  t.is(redis.ask("--scan", "--pattern", "*{acme}*").trim(), "");

  // Either has it from Redis, whichever way its worker asks.
  const token = "t".repeat(43);
  const answer = `${token}.${"p".repeat(43)}`;
  const challenge = async (port: number, wanted = token) => {
    const response = await fetch(`http://127.0.0.1:${port}/.well-known/acme-challenge/${wanted}`);
    return response.status === 200 ? response.text() : response.status;
  };
  const ports = [httpPort, ordering.gateway.addresses.listen[0]!.port];
  redis.ask("set", `framegate:{acme}:${token}`, answer);
  t.deepEqual(await Promise.all(ports.map((port) => challenge(port))), [answer, answer]);
  t.is(await challenge(httpPort, "u".repeat(43)), 426);
  redis.ask("set", `framegate:{acme}:${token}`, "anything");
  t.is(await challenge(httpPort), 426);
  // Nobody knows it, and nobody waits for long.
  await redis.kill();
  t.is(await challenge(httpPort), 426);
});

/** What comes of a handshake. */
function greet(port: number, ca: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port, servername: "www.gate.example", ca }, () => {
      socket.destroy();
      resolve("trusted");
    });
    socket.on("error", ({ message }) => resolve(message));
  });
}
