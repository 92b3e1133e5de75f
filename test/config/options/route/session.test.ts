import test from "ava";
import { resolveConfig } from "../../../../core/config/index.ts";

const route = { path: "/a", upstream: "ws://localhost:1" };

test("the options of open sessions, each in its shapes", (t) => {
  const resolve = (options: object) =>
    resolveConfig({ routes: [{ ...route, ...options }] }, { dir: "/" }).routes[0]!.session;
  t.like(resolve({ expire: "1h", idle: "5m" }), {
    expireMs: 3_600_000,
    idle: { timeoutMs: 300_000, countPings: false },
  });
  t.deepEqual(resolve({ idle: { timeout: "1s", countPings: true } }).idle, {
    timeoutMs: 1_000,
    countPings: true,
  });
  t.deepEqual(resolve({ keepalive: {} }).keepalive, {
    intervalMs: 30_000,
    timeoutMs: 10_000,
    legs: ["client", "server"],
  });
  t.deepEqual(
    resolve({ maxMessageSize: 9, limits: { maxFrameSize: 5, server: { maxFrameSize: 0 } } }).limits,
    {
      client: { maxMessageBytes: 9, maxFrameBytes: 5 },
      server: { maxMessageBytes: 9, maxFrameBytes: 0 },
    },
  );
  t.deepEqual(resolve({ limits: { server: { maxMessageSize: 9 } } }).limits, {
    client: { maxMessageBytes: 16_777_216, maxFrameBytes: 0, passesAny: true },
    server: { maxMessageBytes: 9, maxFrameBytes: 0 },
  });
  t.is(resolve({ reload: "recycle", recycleSpread: "3s" }).recycleSpreadMs, 3_000);
  t.is(resolve({ recycleSpread: "3s" }).recycleSpreadMs, undefined);
  t.is(resolve({ reload: "pin" }).pinsPolicies, true);
  t.is(resolve({}).pinsPolicies, false);
  t.deepEqual(resolve({ rate: { messages: 3, key: "header:X-Key", server: {} } }).rate, {
    client: {
      messages: 3,
      bytes: 0,
      perMs: 1_000,
      action: "close",
      key: { source: "header", name: "x-key" },
    },
  });
});

test("wrong options of open sessions are told with what is expected", (t) => {
  const options = { idle: { timeout: 0 }, keepalive: true, rate: { key: "cookie", per: 0, burst: 1 } };
  const error = t.throws(() => resolveConfig({ routes: [{ ...route, ...options }] }, { dir: "/" }));
  for (const line of [
    "routes[0].idle.timeout: expected a duration",
    "routes[0].keepalive: expected",
    'routes[0].rate.key: expected "connection", "address", "header:NAME" or "attribute:NAME", got "cookie"',
    "routes[0].rate.per: expected a duration",
    "routes[0].rate.burst: unknown option",
  ])
    t.true(error.message.includes(line), `${line}\n${error.message}`);
});
