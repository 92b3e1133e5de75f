import { findInnermost } from "../../sandbox/client/process/process-tree.ts";
import { readResidentMemory } from "../../sandbox/client/process/resident-memory.ts";
import { eventually } from "../support/eventually.ts";
import { bodyOf, startSandbox } from "./support.ts";
import { processTest, test } from "./transports.ts";

test("a slow leak is ended between calls, and no call notices", async (t) => {
  const fixture = await startSandbox(t, { limits: { memoryLimitMb: 32 } });
  await fixture.use(
    "leak",
    `const kept = new Map();
    export const client = ({ session }) => {
      for (let i = 0; i < 2000; i++) kept.set(kept.size, { size: kept.size });
      session.count = (session.count ?? 0) + 1;
      return { content: { body: { count: session.count, kept: kept.size } } };
    };`,
  );
  const { client } = fixture.seat("leak");
  let count = 0;
  let isReplaced = false;
  void fixture.event("isolate-replaced").then(() => {
    isReplaced = true;
  });
  while (!isReplaced && count < 2000) t.is((bodyOf(await client({})) as { count: number }).count, ++count);
  t.true(isReplaced);
  // The new one may have had the call before as well.
  const { kept, ...counted } = bodyOf(await client({})) as { count: number; kept: number };
  t.deepEqual(counted, { count: count + 1 });
  t.true(kept <= 2 * 2000, String(kept));
  t.false(fixture.events.some((event) => event.type === "fault" || event.type === "host-replaced"));
});

test("garbage is not taken for a leak", async (t) => {
  const fixture = await startSandbox(t, { limits: { memoryLimitMb: 64, messageTimeoutMs: 2000 } });
  await fixture.use(
    "waste",
    `let count = 0;
    const kept = [];
    export const client = () => {
      // Old enough to survive the young generation, then thrown away.
      kept[++count % 24] = Array.from({ length: 10_000 }, (_, i) => ({ text: "x" + i }));
      return { content: { body: { count, length: kept[count % 24].length } } };
    };`,
  );
  const { client } = fixture.seat("waste");
  for (let count = 1; count <= 200; count++) t.like(bodyOf(await client({})), { length: 10_000 });
  t.false(fixture.events.some(({ type }) => type === "isolate-replaced" || type === "fault"));
});

test("large messages that are rewritten cost no isolate", async (t) => {
  const { use, seat, events } = await startSandbox(t);
  await use(
    "rewrite",
    "export const client = ({ content }) => ({ content: { body: content.body.slice() } });",
  );
  const { call } = seat("rewrite");
  const body = new Uint8Array(512 * 1024);
  for (let sent = 0; sent < 300; sent++) t.is((await call("client", body)).kind, "message");
  t.deepEqual(
    events.filter(({ type }) => type === "isolate-replaced"),
    [],
  );
});

processTest("texts that policies return do not pile up in the host", async (t) => {
  const { use, seat, event } = await startSandbox(t);
  const source = "export const client = ({ content }) => ({ content: { body: content.body.slice() } });";
  await use("rewrite", source);
  const { call } = seat("rewrite");
  const { pid } = await event("host-started");
  const held = () => readResidentMemory(findInnermost(pid)) / 2 ** 20;
  const body = "x".repeat(256 * 1024);
  const send = async (count: number): Promise<void> => {
    for (let sent = 0; sent < count; sent++) t.is((await call("client", body)).kind, "message");
  };
  // What comes and goes is bounded, and has been at its most.
  await send(400);
  const before = held();
  await send(500);
  const grown = held() - before;
  t.true(before > 0 && grown < 80, `grown by ${grown.toFixed(0)} MiB, of 125 MiB that were returned`);
});

test("texts that policies are given do not pile up in their isolates, far below the soft limit", async (t) => {
  const { use, seat, sandbox } = await startSandbox(t);
  await use("look", "export const client = () => {};");
  const { call } = seat("look");
  const held = () => (sandbox.stats().policies[0]?.heapBytes ?? 0) / 2 ** 20;
  // What is no larger than 96 KiB is garbage of another kind.
  const [small, large] = ["x".repeat(8 * 1024), "x".repeat(160 * 1024)];
  const send = async (count: number): Promise<void> => {
    for (let sent = 0; sent < count; sent++)
      t.is((await call("client", sent % 20 === 0 ? large : small)).kind, "unchanged");
  };
  await send(1900);
  await eventually("15 MiB of garbage to be told of", () => held() > 12);
  await send(200);
  await eventually("it to be collected", () => held() < 6);
  t.true(held() > 0);
});
