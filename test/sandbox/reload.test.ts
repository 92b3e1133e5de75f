import type { Outcome } from "../../sandbox/contract/verdicts.ts";
import { bodyOf, show, startSandbox } from "./support.ts";
import { test } from "./transports.ts";

const version = (n: number) => `export const client = async ({ content, session }) => {
  const { number, wait } = content.json();
  for (let i = 0; i < wait; i++) await null;
  session.seen = (session.seen ?? 0) + 1;
  return { content: { body: { number, seen: session.seen, version: ${n} } } };
};`;

test("under load no call is lost, doubled or reordered by many reloads", async (t) => {
  const fixture = await startSandbox(t);
  await fixture.use("busy", version(0));
  const connections = Array.from({ length: 8 }, () => fixture.seat("busy"));
  let isOver = false;
  const versionsSeen = new Set<number>();

  const drive = async ({ client }: (typeof connections)[number]) => {
    let sent = 0;
    let received = 0;
    const one = async () => {
      while (!isOver) {
        const number = ++sent;
        const answer = bodyOf(await client({ number, wait: number % 4 })) as Record<string, number>;
        received++;
        t.is(answer.number, received);
        t.is(answer.seen, received);
        versionsSeen.add(answer.version as number);
      }
    };
    await Promise.all(Array.from({ length: 10 }, one));
    t.is(sent, received);
    return sent;
  };

  const driving = connections.map(drive);
  for (let n = 1; n <= 10; n++) await fixture.use("busy", version(n));
  isOver = true;
  const totals = await Promise.all(driving);
  t.true(totals.every((total) => total > 10));
  t.true(versionsSeen.size > 3);
  t.is(fixture.sandbox.pendingBytes, 0);
});

test("a pending call ends in its version, and the calls behind it go to the new one, in order", async (t) => {
  const fixture = await startSandbox(t, { limits: { asyncTimeoutMs: 300 } });
  const old = await fixture.use(
    "slow",
    `let open;
     const gate = new Promise((resolve) => { open = resolve });
     const never = new Promise(() => {});
     export const client = async ({ content, session }) => {
       await (content.body === "wait" ? never : gate);
       session.n = 1;
       return { reply: ["old"] };
     };
     export const server = ({ content, log }) => {
       if (content.body === "open") return open();
       log.info("waiting");
       return never;
     };`,
  );
  const { client, seat } = fixture.seat("slow");
  const other = fixture.seat("slow");
  // All in the old version: when the time of the first of each direction is up, the second ones begin, one opens the gate.
  const settled: string[] = [];
  const ranIn: string[] = [];
  const note = (call: Promise<Outcome>) =>
    call.then((outcome) => {
      settled.push(JSON.stringify(show(outcome)));
      ranIn.push(seat.version);
    });
  const calls = [note(client("wait")), note(client("1"))];
  const overdue = other.call("server", "wait");
  const opened = other.call("server", "open");
  await fixture.event("log");
  const next = await fixture.use(
    "slow",
    "export const client = ({ session }) => ({ reply: ['new ' + session.n] });",
  );
  await Promise.all([...calls, note(client("2")), note(client("3"))]);
  t.regex(String(settled.shift()), /timeout/);
  t.deepEqual(settled, ['{"reply":["old"]}', '{"reply":["new 1"]}', '{"reply":["new 1"]}']);
  t.deepEqual(ranIn, [old.version, old.version, next.version, next.version]);
  t.regex(String(show(await overdue)), /^timeout/);
  t.is(show(await opened), "unchanged");
});
