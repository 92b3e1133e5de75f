import test from "ava";
import { Deadlines } from "../../../core/session/limits/deadlines.ts";
import { SessionWatch, type WatchRules } from "../../../core/session/limits/session-watch.ts";

const none: WatchRules = {
  expireMs: 0,
  idle: { timeoutMs: 0, countPings: false },
  keepalive: false,
  slowConsumer: { bufferedBytes: 0, timeoutMs: 0 },
};

function watch(rules: Partial<WatchRules>, random = 0) {
  let now = 5_000_000;
  const deadlines = new Deadlines(() => now);
  const rig = {
    closes: [] as string[],
    messageAt: now,
    controlAt: now,
    heardAt: now,
    fullSince: undefined as number | undefined,
    mayPing: true,
    watch: undefined as unknown as SessionWatch,
    pass(ms: number) {
      for (const end = now + ms; now < end; ) {
        now = Math.min(now + 50, end);
        deadlines.tick();
      }
    },
    onMessage() {
      rig.messageAt = now;
    },
    onFull() {
      rig.fullSince ??= now;
    },
    onBytes() {
      rig.heardAt = now;
    },
    onPing() {
      rig.controlAt = now;
    },
  };
  const session = {
    activeAt: (countControl: boolean) => (countControl ? rig.controlAt : rig.messageAt),
    heardAt: () => rig.heardAt,
    fullSince: (leg: string) => (leg === "client" ? rig.fullSince : undefined),
    destroy: () => void rig.closes.push("destroy"),
    ping(leg: string) {
      if (rig.mayPing) rig.closes.push(`ping ${leg}`);
      return rig.mayPing;
    },
    cutOff: (leg: string) => void rig.closes.push(`cut ${leg}`),
    close: (status: { code: number | undefined; reason: string }) =>
      void rig.closes.push(`${status.code} ${status.reason}`),
  };
  rig.watch = new SessionWatch({ ...none, ...rules }, session, deadlines, () => random);
  rig.watch.start();
  return rig;
}

test("a life ends after its time, whatever passes", (t) => {
  const rig = watch({ expireMs: 10_000 });
  rig.pass(9_990);
  rig.onMessage();
  t.deepEqual(rig.closes, []);
  rig.pass(60);
  t.deepEqual(rig.closes, ["1001 expired"]);
  rig.pass(100_000);
  t.is(rig.closes.length, 1);
});

test("a life may end a tenth earlier", (t) => {
  const rig = watch({ expireMs: 10_000 }, 1);
  rig.pass(8_990);
  t.deepEqual(rig.closes, []);
  rig.pass(60);
  t.deepEqual(rig.closes, ["1001 expired"]);
});

test("silence ends it, and each message puts that off", (t) => {
  const rig = watch({ idle: { timeoutMs: 1_000, countPings: false } });
  for (let count = 0; count < 5; count++) {
    rig.pass(900);
    rig.onMessage();
    rig.onPing();
  }
  rig.pass(900);
  rig.onPing();
  t.deepEqual(rig.closes, []);
  rig.pass(300);
  t.deepEqual(rig.closes, ["1001 idle"]);
});

test("pings are no silence where they count", (t) => {
  const rig = watch({ idle: { timeoutMs: 1_000, countPings: true } });
  for (let count = 0; count < 5; count++) {
    rig.pass(900);
    rig.onPing();
  }
  t.deepEqual(rig.closes, []);
});

test("a session that has ended is not looked at", (t) => {
  const rig = watch({ expireMs: 1_000 });
  rig.watch.stop();
  rig.pass(5_000);
  t.deepEqual(rig.closes, []);
});

const keepalive = { intervalMs: 1_000, timeoutMs: 300, legs: ["client"] } as const;

test("a silent peer is sent a ping, and cut off when it stays silent", (t) => {
  const rig = watch({ keepalive });
  rig.pass(950);
  t.deepEqual(rig.closes, []);
  rig.pass(50);
  t.deepEqual(rig.closes, ["ping client"]);
  rig.pass(250);
  t.deepEqual(rig.closes, ["ping client"]);
  rig.pass(50);
  t.deepEqual(rig.closes, ["ping client", "cut client"]);
  rig.pass(10_000);
  t.is(rig.closes.length, 2);
});

test("a peer that answers is asked again after its next silence, one that talks is not asked", (t) => {
  const rig = watch({ keepalive });
  rig.pass(1_000);
  rig.onBytes();
  rig.pass(950);
  t.deepEqual(rig.closes, ["ping client"]);
  rig.pass(50);
  rig.onBytes();
  for (let count = 0; count < 10; count++) {
    rig.pass(900);
    rig.onBytes();
  }
  t.deepEqual(rig.closes, ["ping client", "ping client"]);
});

test("a slow answer puts off the next ping by no more than the interval", (t) => {
  const rig = watch({ keepalive: { intervalMs: 100, timeoutMs: 30_000, legs: ["client"] } });
  rig.pass(100);
  t.deepEqual(rig.closes, ["ping client"]);
  rig.pass(250);
  rig.onBytes();
  rig.pass(200);
  t.deepEqual(rig.closes, ["ping client", "ping client"]);
});

test("a ping that finds a frame on its way is tried again, and nobody is cut off meanwhile", (t) => {
  const rig = watch({ keepalive });
  rig.mayPing = false;
  rig.pass(5_000);
  t.deepEqual(rig.closes, []);
  rig.mayPing = true;
  rig.pass(1_000);
  t.deepEqual(rig.closes, ["ping client"]);
});

const slowConsumer = { bufferedBytes: 0, timeoutMs: 1_000 };

test("a peer that holds the other up ends the session, and is cut off if it does not even take the Close", (t) => {
  const rig = watch({ slowConsumer });
  rig.pass(5_000);
  rig.onFull();
  rig.pass(950);
  t.deepEqual(rig.closes, []);
  rig.pass(350);
  t.deepEqual(rig.closes, ["1013 slow consumer"]);
  rig.pass(2_000);
  t.deepEqual(rig.closes, ["1013 slow consumer", "destroy"]);
});

test("a peer that takes all once in a while is waited for", (t) => {
  const rig = watch({ slowConsumer });
  for (let count = 0; count < 10; count++) {
    rig.onFull();
    rig.pass(900);
    rig.fullSince = undefined;
  }
  t.deepEqual(rig.closes, []);
});
