import test from "ava";
import { eventually } from "../support/eventually.ts";
import { startGateway } from "../support/gateways/gateway.ts";
import { has } from "../support/needs.ts";
import { connectClient, startServer } from "../support/peers/peers.ts";
import { startRedis } from "../support/servers/redis.ts";

const count = `export const client = async ({ kv }) => ({ drop: true, reply: [String(await kv.increment("n"))] });`;
const told = `export const client = async ({ kv }) => {
  try { return { drop: true, reply: [String(await kv.increment("n"))] }; }
  catch (error) { return { drop: true, reply: [error.name + ": " + error.message] }; }
};`;
const other = `export const client = ({ content }) => ({ drop: true, reply: ["other " + content.body] });`;
const UNREACHABLE = "Error: kv: no connection to Redis";

test("Redis killed and back, stopped and back: calls of kv fail in time, and nobody else notices", async (t) => {
  if (!has(t, "redis-server")) return;
  const redis = await startRedis();
  t.teardown(() => redis.stop());
  const server = await startServer(t);
  const gateway = await startGateway(t, {
    policies: { "count.ts": count, "told.ts": told, "other.ts": other },
    config: { kv: { url: redis.url }, grants: { count: { kv: true }, told: { kv: true } } },
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
  const [informed, bystander, spliced] = [await open("/told"), await open("/other"), await open("/spliced")];
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
  await eventually("the loss is told", () => lines(/^no connection to Redis/) === 1);
  await nobodyElseNotices();
  const many = await Promise.all(Array.from({ length: 200 }, () => informed.ask("x")));
  t.deepEqual(new Set(many), new Set([UNREACHABLE]));
  await failsClosed();
  await redis.start();
  await worksAgain();
  t.is(lines(/connection to Redis is back/), 1);

  redis.pause();
  const held = informed.ask("x");
  await nobodyElseNotices();
  t.regex(await held, /^(Error: kv: no connection to Redis|TimeoutError: no answer within)/);
  await eventually("the silence is told", () => lines(/^no connection to Redis/) === 2);
  t.is(await informed.ask("x"), UNREACHABLE);
  await failsClosed();
  await nobodyElseNotices();
  redis.resume();
  await worksAgain();
  t.is(lines(/^no connection to Redis/), 2);
  t.is(lines(/connection to Redis is back/), 2);
});
