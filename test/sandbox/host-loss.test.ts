import test from "ava";
import { eventually } from "../support/eventually.ts";
import { bodyOf, findHosts, show, startSandbox } from "./support.ts";

/** What is started is not Node itself then: who signals and measures hosts has to find it. */
const WALLED = { os: "auto" } as const;

// Serial: the tests tell hosts by their parent, which is this process.
const counter = `export const client = async ({ content, session }) => {
  session.seen = (session.seen ?? 0) + 1;
  await null;
  return { content: { body: { number: content.json(), seen: session.seen } } };
};`;

test.serial(
  "a host killed from outside under load is replaced, and no call is lost, doubled or reordered",
  async (t) => {
    const fixture = await startSandbox(t, { host: WALLED });
    await fixture.use("busy", counter);
    const connections = Array.from({ length: 8 }, () => fixture.seat("busy"));
    let isOver = false;

    const drive = async ({ client }: (typeof connections)[number]) => {
      let sent = 0;
      let received = 0;
      const one = async () => {
        while (!isOver) {
          const number = ++sent;
          t.deepEqual(bodyOf(await client(number)), { number, seen: number });
          t.is(++received, number);
        }
      };
      await Promise.all(Array.from({ length: 10 }, one));
      return sent;
    };

    const driving = connections.map(drive);
    for (let n = 1; n <= 3; n++) {
      const [pid] = findHosts();
      process.kill(pid as number, "SIGKILL");
      const { reason } = await fixture.event("host-replaced", (event) => event.pid === pid);
      t.is(reason, "exited");
      await fixture.seat("busy").client(1);
    }
    isOver = true;
    t.true((await Promise.all(driving)).every((sent) => sent > 10));
    t.is(fixture.events.filter((event) => event.type === "fault").length, 0);
  },
);

test.serial(
  "the only call, pending when its host is killed, is sent once more; then it is `killed`",
  async (t) => {
    const fixture = await startSandbox(t, { host: WALLED });
    await fixture.use(
      "pending",
      `export const client = ({ content, log }) => content.body === "wait" ? (log.info("in"), new Promise(() => {})) : undefined;`,
    );
    const { client } = fixture.seat("pending");
    const waiting = client("wait");
    for (let sent = 1; sent <= 2; sent++) {
      await eventually(
        "the hook to run",
        () => fixture.events.filter(({ type }) => type === "log").length === sent,
      );
      // Another call, answered, proves that the first is known to be pending.
      t.is(show(await fixture.seat("pending").client("go")), "unchanged");
      process.kill(findHosts()[0] as number, "SIGKILL");
    }
    t.is(
      show(await waiting),
      "killed: `client` of policy `pending` ran when the sandbox's host process hung, crashed or grew too large, and was killed",
    );
    t.is(show(await client("go")), "unchanged");
  },
);

test.serial("a host that grows too large is replaced", async (t) => {
  const fixture = await startSandbox(t, {
    host: { ...WALLED, maxRssBytes: 100 * 1024 * 1024 },
    // A busy machine takes its time to fill memory, and an isolate that is stopped over it gives it back.
    limits: { messageTimeoutMs: 10_000 },
  });
  await fixture.use("small", "export const client = () => {};");
  await fixture.use(
    "large",
    `const kept = [];
     export const client = ({ content }) => { for (let i = 0; i < 40; i++) kept.push(new Uint8Array(1 << 20).fill(i)); };`,
  );
  const { client } = fixture.seat("large");
  const outcomes = [client("1"), client("2"), client("3")];
  const { reason } = await fixture.event("host-replaced");
  t.is(reason, "memory");
  await Promise.all(outcomes);
  t.is(show(await fixture.seat("small").client({})), "unchanged");
});

test.serial("a worker whose own loop was blocked does not blame the host", async (t) => {
  const fixture = await startSandbox(t, {
    host: { ...WALLED, silenceMs: 100, heartbeatMs: 20 },
    limits: { messageTimeoutMs: 20, upgradeTimeoutMs: 20 },
  });
  await fixture.use("small", "export const client = () => {};");
  const { client } = fixture.seat("small");
  for (let i = 0; i < 3; i++) {
    const end = performance.now() + 400;
    while (performance.now() < end);
    t.is(show(await client({})), "unchanged");
  }
  t.false(fixture.events.some((event) => event.type === "host-replaced"));
});

test.serial("close ends the host and settles what is open", async (t) => {
  const fixture = await startSandbox(t, { host: WALLED, warmSpare: true });
  await fixture.use(
    "pending",
    "export const client = ({ log }) => { log.info('in'); return new Promise(() => {}); };",
  );
  const { client } = fixture.seat("pending");
  const waiting = client("1");
  await fixture.event("log");
  const queued = client("2");
  const pids = findHosts();
  await fixture.sandbox.close();
  t.regex(String(show(await waiting)), /^killed/);
  t.regex(String(show(await queued)), /^killed/);
  for (const pid of pids) t.throws(() => process.kill(pid, 0), { code: "ESRCH" });
  t.regex(String(show(await client("3"))), /^killed/);
});
