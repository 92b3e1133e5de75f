import test from "ava";
import type { UpstreamInput } from "../../core/config/generated/config-input.ts";
import { resolveConfig, type UpstreamConfig } from "../../core/config/index.ts";
import { OwnPlaces } from "../../core/leases/caps/own-places.ts";
import { createOwnAddresses } from "../../core/net/own-addresses.ts";
import type { Server } from "../../core/upstream/server-choice.ts";
import { type ServerPlace, Upstream } from "../../core/upstream/upstream.ts";

function resolve(input: UpstreamInput): UpstreamConfig {
  return resolveConfig({ upstreams: { u: input } }, { dir: "/" }).upstreams[0]!;
}

function start(input: UpstreamInput) {
  const clock = { at: 0 };
  const timers: (() => void)[] = [];
  const told: string[] = [];
  const upstream = new Upstream(resolve(input), {
    own: createOwnAddresses([]),
    now: () => clock.at,
    places: new OwnPlaces(),
    counted: "clients",
    schedule(callback) {
      timers.push(callback);
      return () => {};
    },
    onHealthChange: (name, target, change) => told.push(`${name} ${target} ${change}`),
  });
  const enter = async (signal = new AbortController().signal): Promise<ServerPlace> =>
    upstream.enter(undefined, signal);
  return { upstream, clock, timers, told, enter };
}

const one = { failures: 1, eject: "10s", slowStart: 0 } as const;
const urlOf = ({ server }: ServerPlace): string => server.config.url;

test("the next priority has its turn when no server of the first is healthy", async (t) => {
  const { enter, clock, told } = start({
    targets: [{ url: "ws://a" }, { url: "ws://b" }, { url: "ws://spare", priority: 1 }],
    health: one,
  });
  const places = [await enter(), await enter()];
  t.deepEqual(places.map(urlOf).sort(), ["ws://a", "ws://b"]);
  for (const place of places) place.fail("refused", 1);
  t.is(urlOf(await enter()), "ws://spare");
  t.deepEqual(told.sort(), ["u ws://a down", "u ws://b down"]);
  clock.at += 10_000;
  t.not(urlOf(await enter()), "ws://spare");
});

test("when no server is healthy, all are tried", async (t) => {
  const { enter } = start({ targets: [{ url: "ws://a" }, { url: "ws://b" }], health: one });
  for (let i = 0; i < 2; i++) (await enter()).fail("refused", 1);
  t.deepEqual([urlOf(await enter()), urlOf(await enter())].sort(), ["ws://a", "ws://b"]);
});

test("a place that is given back goes to the first who waits", async (t) => {
  const { enter, upstream } = start({ url: "ws://a", maxConnections: 1, queue: { size: 2 } });
  const first = await enter();
  const second = enter();
  const third = enter();
  await t.throwsAsync(enter(), {
    message:
      'upstream "u": every server has its maxConnections (1), and queue.size (2) connections wait already',
  });
  first.release();
  first.release();
  const place = await second;
  t.is(upstream.servers[0]?.active, 1);
  place.release();
  (await third).release();
  t.is(upstream.servers[0]?.active, 0);
});

test("who waits too long is told so", async (t) => {
  const { enter, timers } = start({ url: "ws://a", maxConnections: 1, queue: { size: 1, timeout: "3s" } });
  await enter();
  const late = enter();
  timers[0]?.();
  await t.throwsAsync(late, { message: /no room within queue.timeout \(3000 ms\)$/ });
});

test("no queue, no waiting; a client that has gone is no busy server", async (t) => {
  const { enter } = start({ url: "ws://a", maxConnections: 1 });
  await enter();
  await t.throwsAsync(enter(), { code: "ERR_UPSTREAM_BUSY" });
  const busy = start({ url: "ws://a", maxConnections: 1, queue: { size: 1 } });
  await busy.enter();
  const gone = new AbortController();
  const waiting = busy.enter(gone.signal);
  gone.abort();
  await t.throwsAsync(waiting, { code: "ERR_UPSTREAM_ABORTED" });
});

test("a priority that is full is waited for", async (t) => {
  const { enter } = start({
    targets: [{ url: "ws://a" }, { url: "ws://spare", priority: 1 }],
    maxConnections: 1,
    queue: { size: 1 },
  });
  const place = await enter();
  const next = enter();
  place.release();
  t.is(urlOf(await next), "ws://a");
});

test("another server is one that was not tried", async (t) => {
  const { upstream } = start({ targets: [{ url: "ws://a" }, { url: "ws://b" }] });
  const tried = new Set<Server>();
  for (let i = 0; i < 2; i++) tried.add((await upstream.take(tried, undefined))!.server);
  t.is(tried.size, 2);
  t.is(upstream.take(tried, undefined), undefined);
});

test("a server that stays in a new config keeps its connections and its health; room that is new is given", async (t) => {
  const { upstream, enter } = start({
    targets: [{ url: "ws://a" }, { url: "ws://b" }],
    maxConnections: 1,
    queue: { size: 1 },
    health: one,
  });
  const places = [await enter(), await enter()];
  places.find((place) => urlOf(place) === "ws://b")!.fail("refused", 1);
  const waiting = enter();
  upstream.update(
    resolve({ targets: [{ url: "ws://b" }, { url: "ws://c" }], maxConnections: 1, queue: { size: 1 } }),
  );
  t.is(urlOf(await waiting), "ws://c");
  t.like(upstream.servers[0], { active: 1 });
  t.false(upstream.servers[0]?.health.isHealthy());
});
