import { shareSandbox } from "../shared-sandbox.ts";
import { bodyOf, evaluate, faultOf, startSandbox } from "../support.ts";
import { test } from "../transports.ts";

const useSandbox = shareSandbox({ limits: { asyncTimeoutMs: 60_000 } });

test("setTimeout waits, keeps the order, and can be taken back", async (t) => {
  const fixture = await useSandbox();
  const seen = await evaluate(
    t,
    fixture,
    `(async () => {
      const seen = [];
      const late = new Promise((resolve) => setTimeout((c, d) => { seen.push(c + d); resolve(); }, 200, "c", "d"));
      setTimeout(() => seen.push("a"), 1);
      setTimeout(() => seen.push("b"), 1);
      clearTimeout(setTimeout(() => seen.push("never"), 30));
      clearTimeout(undefined);
      await Promise.resolve();
      seen.push("first");
      await late;
      return seen;
    })()`,
  );
  t.deepEqual(seen, ["first", "a", "b", "cd"]);
});

test("a timer that throws is a line in the log, and the next one runs", async (t) => {
  const fixture = await useSandbox();
  await evaluate(
    t,
    fixture,
    '(async () => { setTimeout(() => { throw new Error("oops"); }, 1); await new Promise((r) => setTimeout(r, 5)); return 1; })()',
  );
  t.regex((await fixture.event("log")).line.text, /oops/);
});

test("a timer ends with the time of its hook, and is gone when no hook waits", async (t) => {
  const source = `let late = 0;
    export const client = async ({ content }) => {
      if (content.json() === "leave") { setTimeout(() => late++, 20); return; }
      if (content.json() === "long") await new Promise((resolve) => setTimeout(resolve, 60_000));
      await new Promise((resolve) => setTimeout(resolve, 100));
      return { content: { body: late } };
    };`;
  const patient = await useSandbox();
  await patient.use("timers", source);
  const seat = patient.seat("timers");
  await patient.use(
    "clock",
    "export const client = async () => { await new Promise((resolve) => setTimeout(resolve, 60)); };",
  );
  await seat.client('"leave"');
  // Another policy's timer, which is set later and due later, comes when this one would have come.
  await patient.seat("clock").client("1");
  t.is(bodyOf(await seat.client("1")), 0);
  const hasty = await startSandbox(t, { limits: { asyncTimeoutMs: 300 } });
  await hasty.use("timers", source);
  t.regex(faultOf(await hasty.seat("timers").client('"long"')).message, /still pending after 300 ms/);
});

test("AbortController and AbortSignal", async (t) => {
  const fixture = await useSandbox();
  t.deepEqual(
    await evaluate(
      t,
      fixture,
      `(async () => {
        const seen = [];
        const controller = new AbortController();
        controller.signal.addEventListener("abort", ({ type }) => seen.push(type, controller.signal.reason.name));
        const any = AbortSignal.any([controller.signal]);
        controller.abort();
        controller.abort(new Error("later"));
        seen.push(any.aborted, AbortSignal.abort("why").reason, controller.signal instanceof AbortSignal);
        const timeout = AbortSignal.timeout(10);
        seen.push(timeout.aborted);
        await new Promise((resolve) => timeout.addEventListener("abort", resolve));
        try { timeout.throwIfAborted(); } catch (error) { seen.push(error.name); }
        try { new AbortSignal(); } catch (error) { seen.push(error.name); }
        return seen;
      })()`,
    ),
    ["abort", "AbortError", true, "why", true, false, "TimeoutError", "TypeError"],
  );
});
