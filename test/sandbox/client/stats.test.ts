import { BatchCounts } from "../../../sandbox/client/policy/counts/call-counts.ts";
import type { HookStats, PolicyStats } from "../../../sandbox/contract/stats.ts";
import { eventually } from "../../support/eventually.ts";
import { type Fixture, startSandbox } from "../support.ts";
import { test, transportOf } from "../transports.ts";

const verdicts = `
  const verdicts = {
    replace: { content: { body: "new" } },
    drop: { drop: true },
    both: { content: { body: "new" }, reply: ["a", "b"], append: ["c"] },
    close: { close: { code: 4000 } },
  };
  export const client = ({ content }) => {
    if (content.body === "throw") throw new Error("no");
    return verdicts[content.body];
  };
  export const upgrade = ({ attributes }) =>
    attributes.user ? { attributes: { seen: true } } : { reject: { status: 401 } };`;

test("each call counts under its hook and under all that its verdict did", async (t) => {
  const fixture = await startSandbox(t);
  await fixture.use("verdicts", verdicts);
  const { client, call } = fixture.seat("verdicts");
  for (const body of ["none", "replace", "drop", "both", "close", "throw", "none"]) await client(body);
  for (const attributes of [{}, { user: "ada" }])
    await call("upgrade", JSON.stringify({ id: "1", request: { headers: [] }, attributes }));

  const { hooks, breaker } = statsOf(fixture, "verdicts");
  t.is(breaker, "closed");
  t.deepEqual(
    hooks.map(({ hook }) => hook),
    ["upgrade", "client"],
  );
  t.deepEqual(
    { ...hookOf(hooks, "client"), timeUs: 0 },
    {
      ...{ hook: "client", calls: 7, unchanged: 2, replaced: 2, dropped: 1, replied: 1, appended: 1 },
      ...{ closed: 1, rejected: 0, faults: 1, skipped: 0, timeUs: 0 },
    },
  );
  t.like(hookOf(hooks, "upgrade"), { calls: 2, replaced: 1, rejected: 1 });
});

test("the time is that in the isolate, lost isolates included, and what is waited for is not in it", async (t) => {
  const fixture = await startSandbox(t, { limits: { messageTimeoutMs: 100 } });
  await fixture.use(
    "slow",
    `export const client = ({ content }) => {
      const end = Date.now() + Number(content.body);
      while (Date.now() < end);
    };`,
  );
  const { client } = fixture.seat("slow");
  await client("20");
  const first = hookOf(statsOf(fixture, "slow").hooks, "client").timeUs;
  t.true(first >= 19_000 && first < 100_000, String(first));

  await client("5000");
  const second = hookOf(statsOf(fixture, "slow").hooks, "client").timeUs;
  t.true(second - first >= 100_000, String(second - first));
});

test("memory and CPU time of the host, and the heap of each policy, come with the heartbeat", async (t) => {
  const fixture = await startSandbox(t, { host: { heartbeatMs: 20 } });
  await fixture.use("small", "export const client = () => {};");
  await fixture.use(
    "large",
    "const kept = new Array(2_000_000).fill(0); export const client = () => kept.length;",
  );
  await eventually("the heap is told", () => statsOf(fixture, "large").heapBytes > 0);
  t.true(statsOf(fixture, "large").heapBytes > 8 * 1024 * 1024);
  const small = statsOf(fixture, "small").heapBytes;
  t.true(small > 0 && small < 8 * 1024 * 1024);
  const { rssBytes, cpuUs } = fixture.sandbox.stats().host;
  if (transportOf() === "worker") {
    // They are this process's own.
    t.deepEqual({ rssBytes, cpuUs }, { rssBytes: 0, cpuUs: 0 });
    return;
  }
  t.true(rssBytes > 16 * 1024 * 1024);
  t.true(cpuUs > 0);
});

test("a policy that may not be called any more shows it, and keeps its counts when it is removed", async (t) => {
  const fixture = await startSandbox(t, { limits: { messageTimeoutMs: 20 } });
  await fixture.use("endless", "export const client = () => { for (;;); };");
  const { client } = fixture.seat("endless");
  await eventually("the breaker is open", async () => {
    await client("");
    return statsOf(fixture, "endless").breaker !== "closed";
  });
  const { calls, faults } = hookOf(statsOf(fixture, "endless").hooks, "client");
  t.is(calls, faults);
  fixture.sandbox.remove("endless");
  t.like(hookOf(statsOf(fixture, "endless").hooks, "client"), { calls, faults });
});

test("batches count by the power of two that holds them", (t) => {
  const counts = new BatchCounts();
  for (const calls of [1, 2, 3, 4, 5, 256]) counts.add(calls);
  const { calls, upTo } = counts.read();
  t.is(calls, 271);
  t.deepEqual(
    upTo.filter(([, batches]) => batches > 0),
    [
      [1, 1],
      [2, 1],
      [4, 2],
      [8, 1],
      [256, 1],
    ],
  );
});

test("the calls of one turn are one batch", async (t) => {
  const fixture = await startSandbox(t);
  await fixture.use("look", "export const client = () => {};");
  const { client } = fixture.seat("look");
  await Promise.all(Array.from({ length: 10 }, () => client("")));
  const { calls, upTo } = fixture.sandbox.stats().batches;
  t.is(calls, 10);
  t.deepEqual(
    upTo.filter(([, batches]) => batches > 0),
    [[16, 1]],
  );
});

function statsOf({ sandbox }: Fixture, policy: string): PolicyStats {
  return sandbox.stats().policies.find((each) => each.policy === policy)!;
}

function hookOf(hooks: readonly HookStats[], hook: string): HookStats {
  return hooks.find((each) => each.hook === hook)!;
}
