import test from "ava";
import { eventually } from "../support/eventually.ts";
import { bodyOf, faultOf, findHosts, show, startSandbox } from "./support.ts";

// Serial: the tests tell hosts by their parent, which is this process.
const counter = "let n = 0; export const client = () => ({ content: { body: { n: ++n } } });";
const crash = `export const client = ({ content }) => {
  let asked = 0;
  if (content.body === "crash") Array.prototype.indexOf.call({ get length() { return asked++ === 0 ? 1 : 2 ** 53 - 1; } }, 1);
};`;

test.serial("what a policy does to its host, those of another group do not notice", async (t) => {
  const fixture = await startSandbox(t, { host: { silenceMs: 300 } });
  fixture.sandbox.isolate(new Map([["guilty", "own:guilty"]]));
  await fixture.use("neighbour", counter);
  await fixture.use("guilty", crash);
  t.is(findHosts().length, 2);
  const [neighbour, guilty] = [fixture.seat("neighbour"), fixture.seat("guilty")];
  t.deepEqual(bodyOf(await neighbour.client(1)), { n: 1 });

  const hanging = guilty.client("crash");
  t.deepEqual(bodyOf(await neighbour.client(2)), { n: 2 });
  t.is(faultOf(await hanging).reason, "killed");
  t.is(show(await guilty.client("again")), "unchanged");
  t.deepEqual(bodyOf(await neighbour.client(3)), { n: 3 });
  t.is(fixture.events.filter(({ type }) => type === "host-replaced").length, 1);
});

test.serial(
  "policies move between hosts under load, and no call is lost, doubled or reordered",
  async (t) => {
    const fixture = await startSandbox(t);
    await fixture.use(
      "moving",
      `export const client = async ({ content, session }) => {
      session.seen = (session.seen ?? 0) + 1;
      await null;
      return { content: { body: { number: content.json(), seen: session.seen } } };
    };`,
    );
    const { client } = fixture.seat("moving");
    let sent = 0;
    let received = 0;
    let isOver = false;
    const drive = async () => {
      while (!isOver) {
        const number = ++sent;
        t.deepEqual(bodyOf(await client(number)), { number, seen: number });
        t.is(++received, number);
      }
    };
    const driving = Promise.all(Array.from({ length: 10 }, drive));
    for (const group of ["own:moving", "", "pack:p"]) {
      fixture.sandbox.isolate(new Map([["moving", group]]));
      await eventually(
        `one host, and one for the group "${group}"`,
        () => findHosts().length === (group ? 2 : 1),
      );
    }
    isOver = true;
    await driving;
    t.true(received > 10);
    t.deepEqual(
      fixture.events.filter(({ type }) => type === "fault" || type === "host-replaced"),
      [],
    );
  },
);
