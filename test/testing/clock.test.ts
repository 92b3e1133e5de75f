import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { type LoadOptions, loadPolicy } from "../../testing/index.ts";
import { makeFolder } from "../config/folder.ts";

async function load(t: ExecutionContext, code: string, options?: LoadOptions) {
  const dir = await makeFolder(t, { "policy.ts": code });
  return loadPolicy(join(dir, "policy.ts"), options);
}

const tell = `export const client = ({ frame }) => ({
  content: { body: [Date.now(), new Date().toISOString(), frame.time, new Date(0).getTime(), typeof Date()] },
});`;

test("time begins at `now`, stands still, and moves when the test says so", async (t) => {
  const start = Date.UTC(2030, 0, 1);
  const policy = await load(t, tell, { now: "2030-01-01T00:00:00Z" });
  const told = (now: number) => [now, new Date(now).toISOString(), now, 0, "string"];
  t.deepEqual((await policy.client("x")).json(), told(start));
  t.deepEqual((await policy.client("x")).json(), told(start));
  await policy.clock.advance(90_000);
  t.is(policy.clock.now, start + 90_000);
  t.deepEqual((await policy.client("x")).json(), told(start + 90_000));
});

test("dates are dates", async (t) => {
  const policy = await load(
    t,
    `class Later extends Date { after(ms) { return new Later(this.getTime() + ms); } }
     export const client = () => ({ content: { body: [
       new Date() instanceof Date, new Date().constructor === Date, Date.name, Date.length, Date.UTC(1970, 0, 2),
       new Later().after(5).getTime(), Object.isFrozen(Date),
     ] } });`,
    { now: 1000 },
  );
  t.deepEqual((await policy.client("x")).json(), [true, true, "Date", 7, 86_400_000, 1005, true]);
});

test("each policy has its own time", async (t) => {
  const first = await load(t, tell, { now: 1000 });
  const second = await load(t, tell, { now: 1000 });
  await first.clock.advance(500);
  t.is(((await first.client("x")).json() as number[])[0], 1500);
  t.is(((await second.client("x")).json() as number[])[0], 1000);
});

test("a rebuilt isolate has the time as it is", async (t) => {
  const policy = await load(
    t,
    `export const client = ({ content }) => {
       while (content.body === "loop");
       return { content: { body: Date.now() } };
     };`,
    { now: 1000, limits: { messageTimeoutMs: 50 } },
  );
  await policy.clock.advance(500);
  await t.throwsAsync(policy.client("loop"));
  t.is((await policy.client("x")).json(), 1500);
});

test("a clock goes forward only, and begins at a time", async (t) => {
  const policy = await load(t, tell);
  await t.throwsAsync(policy.clock.advance(-1), { message: /0 or more/ });
  await t.throwsAsync(load(t, tell, { now: "soon" }), { message: /`now`/ });
});
