import { execFile } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import test, { type ExecutionContext } from "ava";
import { createPlacement } from "../../sandbox/client/policy/placement.ts";
import type { Broker } from "../../sandbox/contract/capabilities.ts";
import { createTurns } from "../../sandbox/host/turns.ts";
import { createMemoryKv } from "../../sandbox/index.ts";
import { machineNow, timeOfDay } from "../../sandbox/machine-clock.ts";
import { eventually } from "../support/eventually.ts";
import { bundleOf } from "./client/client-parts.ts";
import { bodyOf, startSandbox } from "./support.ts";

// Serial: the tests set the time of day of this process.
const HOUR = 3_600_000;
const run = promisify(execFile);
const readDay = Date.now;
let setByMs = 0;
Date.now = () => readDay() + setByMs;

function setDay(t: ExecutionContext, byMs: number): void {
  setByMs = byMs;
  t.teardown(() => {
    setByMs = 0;
  });
}

test.serial("set forward, the worker's time of day ends no ask", async (t) => {
  const broker: Broker = {
    // Later than a timer of no time would end it.
    carryOut: async () => {
      await delay(20);
      return { text: "1" };
    },
  };
  const fixture = await startSandbox(t, { broker, limits: { asyncTimeoutMs: 60_000 } });
  await fixture.use(
    "reads",
    'export const client = async ({ kv }) => ({ content: { body: await kv.get("n") } });',
  );
  const { client } = fixture.seat("reads");
  setDay(t, HOUR);
  t.is(bodyOf(await client("")), 1);
});

test.serial("nor what `kv` keeps in memory", async (t) => {
  const kv = createMemoryKv();
  await kv.set("a", "1", HOUR / 2);
  setDay(t, HOUR);
  t.is(await kv.get("a"), "1");
});

for (const [word, jump] of [
  ["forward", HOUR],
  ["back", -HOUR],
] as const) {
  test.serial(`set ${word}, it moves no term of quarantine`, async (t) => {
    let changes = 0;
    const placement = createPlacement({
      quarantineMs: HOUR / 2,
      onChange: () => changes++,
      onQuarantined() {},
    });
    t.teardown(() => placement.close());
    const [long, short] = [bundleOf("long"), bundleOf("short")];
    const entry = { policy: "short", version: "1", reason: "hang", until: machineNow() + 50 } as const;
    placement.quarantine([entry, { ...entry, policy: "long", until: machineNow() + HOUR / 2 }]);
    t.is(changes, 1);
    setDay(t, jump);
    await eventually("the short term to end", () => !placement.isApart(short));
    t.true(placement.isApart(long));
    t.is(changes, 2);
  });
}

test("what waits for its turn is too late by the clock that it is given, and no other", async (t) => {
  let now = 100;
  const line = createTurns(() => now).open();
  const tooLate = () => new Error("too late");
  const first = line(
    200,
    async () => {
      now = 200;
      return "done";
    },
    tooLate,
  );
  const late = line(200, async () => "done", tooLate);
  const inTime = line(201, async () => "done", tooLate);
  t.is(await first, "done");
  await t.throwsAsync(late, { message: "too late" });
  t.is(await inTime, "done");
});

test("another process, with another start, has the same time", async (t) => {
  const before = machineNow();
  const code = `import { machineNow } from ${JSON.stringify(import.meta.resolve("../../sandbox/machine-clock.ts"))};
    console.log(machineNow());`;
  const { stdout } = await run(process.execPath, ["--input-type=module", "--eval", code]);
  const there = Number(stdout);
  t.true(before <= there && there <= machineNow());
});

test.serial("for people it is a time of day", (t) => {
  const inAnHour = machineNow() + HOUR;
  t.true(timeOfDay(inAnHour) >= readDay() + HOUR - 60_000);
  const shown = timeOfDay(inAnHour);
  setDay(t, 10 * HOUR);
  t.true(timeOfDay(inAnHour) - shown > 9 * HOUR);
});
