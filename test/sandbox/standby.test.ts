import test, { type ExecutionContext } from "ava";
import { findInnermost } from "../../sandbox/client/process/process-tree.ts";
import { readResidentMemory } from "../../sandbox/client/process/resident-memory.ts";
import { at } from "../support/at.ts";
import { eventually } from "../support/eventually.ts";
import { bodyOf, type Fixture, findHosts, startSandbox } from "./support.ts";

const POLICY_BYTES = 24 * 1024 * 1024;

// Serial: the tests tell hosts by their parent, which is this process.
const aged = `const loadedAt = Date.now();
const kept = new Uint8Array(${POLICY_BYTES}).fill(1);
console.log("loaded");
export const client = ({ content, session }) => {
  session.seen = (session.seen ?? 0) + 1;
  if (content.body === "hang") ${hang()};
  return { content: { body: { loadedAt, seen: session.seen, kept: kept.length } } };
};`;

/** Native code that nothing interrupts. */
function hang(): string {
  return "{ let asked = 0; [].indexOf.call({ get length() { return asked++ === 0 ? 1 : 2 ** 53 - 1; } }, 1); }";
}

const ask = async ({ client }: ReturnType<Fixture["seat"]>) =>
  bodyOf(await client("ask")) as { readonly loadedAt: number; readonly seen: number };

async function startAged(t: ExecutionContext, names: readonly string[]) {
  const fixture = await startSandbox(t, { warmSpare: true });
  for (const name of names) await fixture.use(name, aged);
  const seats = names.map((name) => fixture.seat(name));
  for (const seat of seats) await ask(seat);
  return { fixture, seats };
}

/** A host that stands by, with all policies loaded ahead: it has about as much memory as the one that serves. */
async function stocked(): Promise<number> {
  return eventually("a host that stands by has all policies", () => {
    const [serving, standby] = findHosts().map((pid) => ({
      pid,
      rss: readResidentMemory(findInnermost(pid)),
    }));
    const isStocked = serving && standby && standby.rss > serving.rss - POLICY_BYTES / 2;
    return isStocked && standby.pid;
  });
}

test.serial(
  "after the loss of a host policies are where they were loaded ahead, and sessions keep their state",
  async (t) => {
    const { fixture, seats } = await startAged(t, ["a", "b", "c"]);
    const standby = await stocked();
    const [serving = 0] = findHosts();
    const killedAt = Date.now();
    process.kill(serving, "SIGKILL");
    await fixture.event("host-replaced", ({ pid }) => pid === serving);
    for (const { loadedAt, seen } of await Promise.all(seats.map(ask))) {
      t.true(loadedAt < killedAt);
      t.is(seen, 2);
    }
    t.is(findHosts()[0], standby);
    t.is(fixture.events.filter(({ type }) => type === "fault").length, 0);
  },
);

test.serial(
  "a version that has hung its host is not served from where it was loaded ahead; the others are",
  async (t) => {
    const { fixture, seats } = await startAged(t, ["good", "bad"]);
    const [good, bad] = [at(seats, 0), at(seats, 1)];
    await eventually("there is a host that stands by", () => findHosts().length === 2);
    t.is((await bad.client("hang")).kind, "fault");
    t.is((await ask(good)).seen, 2);
    t.is((await ask(bad)).seen, 2);
    t.is(fixture.events.filter(({ type }) => type === "host-replaced").length, 1);
    t.is(fixture.events.filter(({ type }) => type === "policy-quarantined").length, 1);
    // The one of the good policy, and the one of the bad: what was loaded ahead of it is not where it is.
    await eventually("each has a host of its own, and one stands by", () => findHosts().length === 3);
  },
);

test.serial(
  "what is loaded ahead says nothing a second time, and is no use of memory of its policy's",
  async (t) => {
    const { fixture } = await startAged(t, ["a"]);
    await eventually("there is a host that stands by", () => findHosts().length === 2);
    await fixture.use("b", aged);
    t.is(fixture.events.filter((event) => event.type === "log" && event.line.policy === "a").length, 1);
  },
);
