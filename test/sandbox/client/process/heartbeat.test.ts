import test from "ava";
import { startHeartbeat } from "../../../../sandbox/client/process/heartbeat.ts";
import { eventually } from "../../../support/eventually.ts";

const idle = () => ({ entry: 0, limitMs: 0 });
const limits = { heartbeatMs: 10, silenceMs: 100, maxRssBytes: 2 ** 40 };

test("a host that does not answer is sick", async (t) => {
  const { promise, resolve } = Promise.withResolvers<string>();
  const beat = startHeartbeat(limits, {
    pid: process.pid,
    ping() {},
    peek: idle,
    isBusy: () => false,
    extraSilenceMs: () => 0,
    onSick: (reason) => resolve(reason),
  });
  t.teardown(beat.stop);
  t.is(await promise, "silent");
});

test("an answer that waits because our own loop was blocked is no silence", async (t) => {
  const sick: string[] = [];
  let pings = 0;
  const { promise, resolve } = Promise.withResolvers<void>();
  const beat = startHeartbeat(limits, {
    pid: process.pid,
    peek: idle,
    isBusy: () => false,
    ping() {
      if (++pings === 3) resolve();
      const end = performance.now() + 300;
      while (performance.now() < end);
      setTimeout(() => beat.onPong(0), 20);
    },
    extraSilenceMs: () => 0,
    onSick: (reason) => sick.push(reason),
  });
  t.teardown(beat.stop);
  await promise;
  t.deepEqual(sick, []);
});

test("a host above its memory is sick, whether it says so itself or cannot", async (t) => {
  const patient = { pid: process.pid, ping() {}, peek: idle, isBusy: () => false, extraSilenceMs: () => 0 };
  const told: string[] = [];
  const beat = startHeartbeat(
    { ...limits, maxRssBytes: 1000 },
    { ...patient, onSick: (reason) => told.push(reason) },
  );
  beat.onPong(999);
  t.deepEqual(told, []);
  beat.onPong(1001);
  t.deepEqual(told, ["memory"]);
  beat.stop();
  const { promise, resolve } = Promise.withResolvers<string>();
  const second = startHeartbeat(
    { ...limits, maxRssBytes: 1000 },
    { ...patient, onSick: (reason) => resolve(reason) },
  );
  t.teardown(second.stop);
  t.is(await promise, "memory");
});

test("an entry that uses the CPU for far longer than it may is sick, long before it is silent by the clock", async (t) => {
  const { promise, resolve } = Promise.withResolvers<string>();
  const beat = startHeartbeat(
    { ...limits, silenceMs: 8_000 },
    {
      pid: process.pid,
      ping() {},
      peek: () => ({ entry: 7, limitMs: 10 }),
      isBusy: () => true,
      extraSilenceMs: () => 0,
      onSick: (reason, detail) => resolve(`${reason}: ${detail}`),
    },
  );
  t.teardown(beat.stop);
  beat.onWork();
  // Its own CPU is this process's.
  const burning = setInterval(() => {
    const end = performance.now() + 10;
    while (performance.now() < end);
  }, 0);
  t.teardown(() => clearInterval(burning));
  const [, used] =
    /^silent: it has used the CPU for (\d+) ms in one entry, which may take 10 ms$/.exec(await promise) ?? [];
  // A fortieth of the silence beyond its limit: who has patience has it with the engine that is to stop it as well.
  t.true(Number(used) >= 200, used);
});

test("what a host is in is looked at from the first that it is given until it has nothing more, and not while it idles", async (t) => {
  let [looks, isBusy] = [0, true];
  const beat = startHeartbeat(limits, {
    pid: process.pid,
    ping: () => beat.onPong(0),
    peek() {
      looks++;
      return idle();
    },
    isBusy: () => isBusy,
    extraSilenceMs: () => 0,
    onSick() {},
  });
  t.teardown(beat.stop);
  const looked = (times: number) => eventually(`it is looked at ${times} times`, () => looks >= times);
  const pause = () => new Promise((resolve) => setTimeout(resolve, 60));
  await pause();
  t.is(looks, 0);
  beat.onWork();
  await looked(3);
  isBusy = false;
  await looked(4);
  const before = looks;
  await pause();
  t.is(looks, before);
  beat.onWork();
  await looked(before + 1);
});
