import type { ExecutionContext } from "ava";
import { shareSandbox } from "./shared-sandbox.ts";
import { type Connection, findHosts, type SandboxFixtureOptions, show, startSandbox } from "./support.ts";
import { processTest, test } from "./transports.ts";

// Serial: the tests tell hosts by their parent, which is this process.
const saying = (text: string) => `export const client = ({ content, session }) => {
  session.seen = (session.seen ?? 0) + 1;
  return { reply: ["${text} " + session.seen] };
};`;
const reply = async ({ client }: Connection) => (show(await client("?")) as { reply?: string[] }).reply?.[0];

const useShared = shareSandbox();
let policies = 0;

/** A policy of the test's own, in its first version; in the sandbox of the file, or in one with these options. */
async function start(t: ExecutionContext, options?: SandboxFixtureOptions) {
  const fixture = await (options ? startSandbox(t, options) : useShared());
  const name = `policy-${++policies}`;
  await fixture.use(name, saying("one"));
  return {
    name,
    fixture,
    use: (source: string) => fixture.use(name, source),
    seat: () => fixture.seat(name),
    pinnedSeat: () => fixture.pinnedSeat(name),
    /** How many of its older versions are pinned. */
    pinned: () => fixture.sandbox.pinnedVersions().get(name) ?? 0,
  };
}

test.serial("a pinned seat stays in its version, others move on", async (t) => {
  const { use, seat, pinnedSeat, pinned } = await start(t);
  const [old, moving] = [pinnedSeat(), seat()];
  t.deepEqual([await reply(old), await reply(moving)], ["one 1", "one 1"]);
  t.is(pinned(), 0);
  await use(saying("two"));
  t.deepEqual([await reply(old), await reply(moving)], ["one 2", "two 2"]);
  const between = pinnedSeat();
  await use(saying("three"));
  t.deepEqual([await reply(old), await reply(between), await reply(moving)], ["one 3", "two 1", "three 3"]);
  t.is(pinned(), 2);
});

test.serial("a version goes when its pins and their seats have", async (t) => {
  const { use, seat, pinnedSeat, pinned } = await start(t);
  const [first, second] = [pinnedSeat(), pinnedSeat()];
  await use(saying("two"));
  first.seat.close();
  first.pin.release();
  second.pin.release();
  second.pin.release();
  t.is(await reply(second), "one 1");
  t.is(pinned(), 1);
  const last = reply(second);
  second.seat.close();
  t.is(pinned(), 1);
  t.is(await last, "one 2");
  t.is(pinned(), 0);
  t.is(await reply(seat()), "two 1");
});

test.serial("a pin without a seat keeps the version and its hooks for later", async (t) => {
  const { name, use, pinned, fixture } = await start(t);
  const { sandbox } = fixture;
  const pin = sandbox.pin([name, "none"]);
  await use("export const server = () => {};");
  t.deepEqual(pin.exports(name)?.hooks, ["client"]);
  t.is(pin.exports("none"), undefined);
  t.deepEqual(sandbox.exports(name)?.hooks, ["server"]);
  pin.release();
  t.is(pinned(), 0);
});

test.serial("a pinned version outlives the removal of its policy, and its return", async (t) => {
  const { name, use, seat, pinnedSeat, fixture } = await start(t);
  const [old, other] = [pinnedSeat(), seat()];
  fixture.sandbox.remove(name);
  t.is(await reply(old), "one 1");
  t.regex(String(show(await other.client("?"))), /^unavailable/);
  await use(saying("two"));
  t.deepEqual([await reply(old), await reply(other)], ["one 2", "two 1"]);
});

test.serial("calls that wait when the version changes go where their seats belong, in order", async (t) => {
  const { use, seat, pinnedSeat } = await start(t);
  const [old, moving] = [pinnedSeat(), seat()];
  const prepared = use(saying("two"));
  const seen: Promise<unknown>[] = [];
  let isOver = false;
  const driving = (async () => {
    while (!isOver) {
      seen.push(reply(old), reply(moving));
      await Promise.all([reply(old), reply(moving)]);
    }
  })();
  await prepared;
  isOver = true;
  await driving;
  const all = (await Promise.all(seen)).map(String);
  const [olds, moved] = [0, 1].map((side) => all.filter((_, index) => index % 2 === side));
  t.true(olds?.every((text) => text.startsWith("one ")));
  const numbers = (texts: string[] = []) => texts.map((text) => Number(text.split(" ")[1]));
  // Every other call, of an unbroken row.
  for (const texts of [olds, moved]) {
    t.deepEqual(
      numbers(texts),
      texts?.map((_, index) => index * 2 + 1),
    );
  }
  t.is(await reply(moving), `two ${2 * (moved?.length ?? 0) + 1}`);
});

for (const warmSpare of [true, false]) {
  processTest.serial(
    `pinned versions are loaded again into a new host, spare ready: ${warmSpare}`,
    async (t) => {
      const others = new Set(findHosts());
      const { use, seat, pinnedSeat } = await start(t, { warmSpare });
      const [old, idle, moving] = [pinnedSeat(), pinnedSeat(), seat()];
      await use(saying("two"));
      t.deepEqual([await reply(old), await reply(moving)], ["one 1", "two 1"]);
      for (let n = 2; n <= 3; n++) {
        for (const pid of findHosts()) if (!others.has(pid)) process.kill(pid, "SIGKILL");
        t.deepEqual([await reply(old), await reply(moving)], [`one ${n}`, `two ${n}`]);
      }
      t.is(await reply(idle), "one 1");
    },
  );
}

test.serial("an old version that keeps hanging does not take the newest one's calls with it", async (t) => {
  const fixture = await startSandbox(t, { limits: { messageTimeoutMs: 20 } });
  await fixture.use("a", "export const client = () => { for (;;); };");
  const old = fixture.pinnedSeat("a");
  await fixture.use("a", saying("two"));
  const outcomes = await Promise.all(Array.from({ length: 6 }, () => old.client("?")));
  t.true(outcomes.every((outcome) => outcome.kind === "fault"));
  t.regex(String(show(await old.client("?"))), /^unavailable/);
  t.is(await reply(fixture.seat("a")), "two 1");
});
