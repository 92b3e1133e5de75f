import test from "ava";
import { machineNow } from "../../sandbox/machine-clock.ts";
import { eventually } from "../support/eventually.ts";
import { bodyOf, faultOf, findHosts, show, startSandbox } from "./support.ts";

// Serial: the tests tell hosts by their parent, which is this process.
const counter = "let n = 0; export const client = () => ({ content: { body: { n: ++n } } });";
const hangs = `export const client = ({ content }) => {
  let asked = 0;
  if (content.body === "hang") Array.prototype.indexOf.call({ get length() { return asked++ === 0 ? 1 : 2 ** 53 - 1; } }, 1);
};`;

test.serial(
  "a version that has cost its host once is apart, in the host that it costs next time too",
  async (t) => {
    const fixture = await startSandbox(t, { host: { silenceMs: 300 } });
    await fixture.use("neighbour", counter);
    const { version } = await fixture.use("hangs", hangs);
    const [neighbour, guilty] = [fixture.seat("neighbour"), fixture.seat("hangs")];
    t.is(faultOf(await guilty.client("hang")).reason, "killed");
    const { entry } = await fixture.event("policy-quarantined");
    t.like(entry, { policy: "hangs", version, reason: "hang" });
    t.true(entry.until > machineNow() + 300_000);
    t.deepEqual(bodyOf(await neighbour.client(1)), { n: 1 });
    t.is(show(await guilty.client("fine")), "unchanged");
    t.is(findHosts().length, 2);

    const [hanging] = [guilty.client("hang"), neighbour.client(2)];
    t.is(faultOf(await hanging).reason, "killed");
    t.deepEqual(bodyOf(await neighbour.client(3)), { n: 3 });
    t.is(fixture.events.filter(({ type }) => type === "policy-quarantined").length, 1);

    // A new version is with the others.
    await fixture.use("hangs", `${hangs} // better`.replace('=== "hang"', '=== "never"'));
    t.is(show(await guilty.client("hang")), "unchanged");
    await eventually("the host apart to end", () => findHosts().length === 1);
  },
);

test.serial("what another worker says holds here, and ends with its term", async (t) => {
  const fixture = await startSandbox(t);
  const { version } = await fixture.use("told", counter);
  const { client } = fixture.seat("told");
  t.deepEqual(bodyOf(await client(1)), { n: 1 });
  const entry = { policy: "told", version, reason: "crash", until: machineNow() + 3000 } as const;
  fixture.sandbox.quarantine([entry]);
  t.is(findHosts().length, 2);
  await eventually(
    "the fresh isolate to serve",
    async () => (bodyOf(await client(2)) as { n: number }).n === 1,
  );
  await eventually("its return", () => findHosts().length === 1);
  t.deepEqual(bodyOf(await client(3)), { n: 1 });
  t.false(fixture.events.some(({ type }) => type === "policy-quarantined" || type === "fault"));
});
