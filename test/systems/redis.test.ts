import { join } from "node:path";
import test from "ava";
import { makeFolder } from "../config/folder.ts";
import { eventually } from "../support/eventually.ts";
import { startGateway } from "../support/gateways/gateway.ts";
import { startGatewayProcess } from "../support/gateways/gateway-process.ts";
import { has } from "../support/needs.ts";
import { connectClient, startServer } from "../support/peers/peers.ts";

import { readRights } from "../support/redis-kv.ts";
import { createCertificate } from "../support/servers/certificate.ts";
import { quietPorts } from "../support/servers/quiet-ports.ts";
import { startRedis } from "../support/servers/redis.ts";

const count = `export const client = async ({ kv }) => ({ drop: true, reply: [String(await kv.increment("n"))] });`;
const told = `export const client = async ({ kv }) => {
  try { return { drop: true, reply: [String(await kv.increment("n"))] }; }
  catch (error) { return { drop: true, reply: [error.name + ": " + error.message] }; }
};`;
const other = `export const client = ({ content }) => ({ drop: true, reply: ["other " + content.body] });`;
const CONNECTED = 'framegate_cluster_connected{cluster="framegate"}';
const UNREACHABLE = "Error: kv: no connection to Redis";

for (const [name, configOf, lost, back] of [
  [
    "kv.url",
    (url: string) => ({ kv: { url } }),
    /^no connection to Redis/,
    /^the connection to Redis is back/,
  ],
  [
    "cluster.url",
    (url: string) => ({ cluster: { url } }),
    /^no connection to the Redis of the cluster/,
    /^the connection to the Redis of the cluster is back/,
  ],
] as const)
  test(`${name} killed and back, stopped and back: calls of kv fail in time, and nobody else notices`, async (t) => {
    if (!has(t, "redis-server")) return;
    const redis = await startRedis();
    t.teardown(() => redis.stop());
    const server = await startServer(t);
    const gateway = await startGateway(t, {
      policies: { "count.ts": count, "told.ts": told, "other.ts": other },
      config: { ...configOf(redis.url), grants: { count: { kv: true }, told: { kv: true } } },
      routes: [
        { path: "/count", upstream: server.url, policies: ["count"] },
        { path: "/told", upstream: server.url, policies: ["told"] },
        { path: "/other", upstream: server.url, policies: ["other"] },
        { path: "/spliced", upstream: server.url },
      ],
    });
    const open = async (path: string) => {
      const client = await connectClient(t, gateway.url + path);
      const ask = async (text: string) => {
        client.send(text);
        return String(await client.next());
      };
      return { client, ask };
    };
    const [informed, bystander, spliced] = [
      await open("/told"),
      await open("/other"),
      await open("/spliced"),
    ];
    const lines = (msg: RegExp) => gateway.log.filter((line) => msg.test(line.msg)).length;
    const nobodyElseNotices = async () => {
      t.is(await bystander.ask("1"), "other 1");
      t.is(await spliced.ask("2"), "2");
    };
    const failsClosed = async () => {
      const { client } = await open("/count");
      client.send("x");
      t.is((await client.closed).code, 1011);
    };
    const worksAgain = async () => {
      await eventually("kv works again", async () => /^\d+$/.test(await informed.ask("x")));
      t.regex(await (await open("/count")).ask("x"), /^\d+$/);
    };
    t.is(await informed.ask("x"), "1");

    await redis.kill();
    await eventually("the loss is told", () => lines(lost) === 1);
    await nobodyElseNotices();
    const many = await Promise.all(Array.from({ length: 200 }, () => informed.ask("x")));
    t.deepEqual(new Set(many), new Set([UNREACHABLE]));
    await failsClosed();
    await redis.start();
    await worksAgain();
    await eventually("all of it is back", () => lines(back) === 1);

    redis.pause();
    const held = informed.ask("x");
    await nobodyElseNotices();
    t.regex(await held, /^(Error: kv: no connection to Redis|TimeoutError: no answer within)/);
    await eventually("the silence is told", () => lines(lost) === 2);
    t.is(await informed.ask("x"), UNREACHABLE);
    await failsClosed();
    await nobodyElseNotices();
    redis.resume();
    await worksAgain();
    await eventually("all of it is back again", () => lines(back) === 2);
    t.is(lines(lost), 2);
  });

test("workers of one machine count together, by one connection over TLS, as a user whose password is in a file", async (t) => {
  if (!has(t, "redis-server")) return;
  const [port = 0] = await quietPorts(1);
  const certificate = createCertificate();
  const [user] = await readRights("hunter2");
  const redis = await startRedis({ port, tls: certificate, lines: ["user default off", user] });
  t.teardown(() => redis.stop());
  const folder = await makeFolder(t, { "ca.pem": certificate.cert, password: "hunter2\n" });
  const server = await startServer(t);
  const gateway = await startGatewayProcess(t, {
    policies: { "told.ts": told },
    config: {
      workers: 2,
      cluster: {
        url: redis.url,
        user: "framegate",
        password: { file: join(folder, "password") },
        tls: { ca: join(folder, "ca.pem") },
      },
      grants: { told: { kv: true } },
      routes: [{ path: "/*", upstream: server.url, policies: ["told"] }],
    },
  });
  const clients = await Promise.all(Array.from({ length: 4 }, () => connectClient(t, gateway.url)));
  const askAll = () =>
    Promise.all(
      clients.map(async (client) => {
        client.send("x");
        return String(await client.next());
      }),
    );
  const isConnected = async () => (await gateway.read("/metrics")).text.includes(`${CONNECTED} 1`);
  await eventually("Redis can be had", isConnected);
  t.deepEqual((await askAll()).sort(), ["1", "2", "3", "4"]);
  await redis.kill();
  await eventually("the loss is seen", async () => !(await isConnected()));
  t.deepEqual(await askAll(), Array(4).fill(UNREACHABLE));
  await redis.start();
  await eventually("it is back", isConnected);
  t.deepEqual((await askAll()).sort(), ["1", "2", "3", "4"]);
  gateway.process.kill();
  const { stdout, stderr } = await gateway.ended;
  t.false(`${stdout}${stderr}`.includes("hunter2"));
});
