import test from "ava";
import { findBundles } from "../../../../sandbox/bundles.ts";
import { embedHost } from "../../../../sandbox/client/transport/embedded-host.ts";
import { DEFAULT_POLICY_LIMITS } from "../../../../sandbox/defaults.ts";
import { encodeAnswer } from "../../../../sandbox/wire/answers.ts";
import { decodeAsk } from "../../../../sandbox/wire/asks.ts";
import { NO_CALL } from "../../../../sandbox/wire/call-record.ts";
import { CallsEncoder } from "../../../../sandbox/wire/calls.ts";
import type { HostMessage } from "../../../../sandbox/wire/control.ts";
import { FRAME_KIND } from "../../../../sandbox/wire/frames.ts";
import { HOOK_NUMBER } from "../../../../sandbox/wire/hooks.ts";
import { JOURNAL_STATE } from "../../../../sandbox/wire/journal.ts";
import { HostNonsense } from "../../../../sandbox/wire/nonsense.ts";
import { RESULT_KIND } from "../../../../sandbox/wire/result-record.ts";
import { createResultsDecoder } from "../../../../sandbox/wire/results.ts";

const settings = async (guest?: string) => ({
  ...DEFAULT_POLICY_LIMITS,
  guest: guest ?? (await findBundles()).guest,
});
/** Says of a load what the policy is, and nothing that makes sense of calls. */
const BROKEN_GUEST = `({ memory }) => (code, start) => {
  if (code === 0) return start();
  new Int32Array(memory)[2] = 1;
}`;
const LOADS = `var __policy = '{"ok":true,"hooks":["client"]}';`;

const SEAT = JSON.stringify({
  ...{ id: "s", route: "/", context: "{}", options: {} },
  types: { client: { text: "a/b", binary: "a/b" }, server: { text: "a/b", binary: "a/b" } },
});

const silent = { onWork() {}, onResults() {}, onAsk() {} };

test("what is sent before its code is there is done when it is, in order", async (t) => {
  const host = embedHost(await settings());
  t.teardown(() => host.kill());
  const told: HostMessage[] = [];
  const all = new Promise<void>((resolve) => {
    host.attach({
      ...silent,
      onMessage(message) {
        told.push(message);
        if (message.type === "pong") resolve();
      },
      onExit: t.fail,
    });
  });
  host.send({ type: "load", instance: 1, code: "var __policy = { client() {} };", filename: "p.js" });
  host.send({ type: "drop", instance: 1 });
  host.send({ type: "ping", sequence: 7, usage: true });
  await all;
  t.deepEqual(
    told.map(({ type }) => type),
    ["ready", "loaded", "pong"],
  );
  t.like(told[1], { result: { ok: true, hooks: ["client"] } });
  t.like(told[2], { sequence: 7, usage: { heaps: [] } });
});

test("one that is not to be believed ends, and is heard no more", async (t) => {
  const host = embedHost(await settings());
  const end = await new Promise<readonly string[]>((resolve) => {
    host.attach({
      ...silent,
      onMessage() {
        throw new HostNonsense("this is no message");
      },
      onExit: (...how) => resolve(how),
    });
  });
  t.deepEqual(end, ["what it sent could not be read: this is no message", "nonsense"]);
  await host.exited;
  host.send({ type: "ping", sequence: 1, usage: false });
  await new Promise(setImmediate);
});

test("one that cannot hold isolates ends as a process would", async (t) => {
  const host = embedHost(await settings("this is no script"));
  const [detail, reason] = await new Promise<readonly string[]>((resolve) => {
    host.attach({ ...silent, onMessage() {}, onExit: (...how) => resolve(how) });
    host.send({ type: "load", instance: 1, code: "", filename: "p.js" });
  });
  t.is(reason, "exited");
  t.regex(String(detail), /it failed: SyntaxError/);
});

test("one whose addon is not there ends as a process would", async (t) => {
  const find = () => {
    throw new Error("it is nowhere");
  };
  const host = embedHost(await settings(), find);
  const end = await new Promise<readonly string[]>((resolve) => {
    host.attach({ ...silent, onMessage: () => t.fail(), onExit: (...how) => resolve(how) });
  });
  t.deepEqual(end, ["it could not be started: it is nowhere", "exited"]);
});

test("one that fails in a turn that it began by itself ends, and says in what", async (t) => {
  const host = embedHost(await settings(BROKEN_GUEST));
  const told: unknown[] = [];
  const [detail, reason] = await new Promise<readonly string[]>((resolve) => {
    host.attach({
      ...silent,
      onMessage: (message) => told.push(message.type),
      onExit: (...how) => resolve(how),
    });
    // Loads have a turn each: the second is in one that no frame began.
    host.send({ type: "load", instance: 1, code: LOADS, filename: "p.js" });
    host.send({ type: "load", instance: 2, code: "var __policy = 'no JSON';", filename: "q.js" });
  });
  t.deepEqual(told, ["ready", "loaded"]);
  t.is(reason, "exited");
  t.regex(String(detail), /it failed: SyntaxError/);
  t.deepEqual(host.readJournal(), { state: JOURNAL_STATE.load, instance: 2, ids: [] });
});

test("one that fails in calls says in which", async (t) => {
  const host = embedHost(await settings(BROKEN_GUEST));
  const [detail] = await new Promise<readonly string[]>((resolve) => {
    host.attach({
      ...silent,
      onMessage({ type }) {
        if (type !== "loaded") return;
        const calls = new CallsEncoder();
        calls.openSeat(1, "{}");
        calls.call(7, 1, HOOK_NUMBER.client, {
          payload: { binary: false, bytes: Buffer.from("{}") },
          sequence: 1,
          time: 0,
        });
        calls.finish(host.out, FRAME_KIND.calls, 1);
        host.flush();
      },
      onExit: (...how) => resolve(how),
    });
    host.send({ type: "load", instance: 1, code: LOADS, filename: "p.js" });
  });
  t.regex(String(detail), /it failed: TypeError/);
  t.deepEqual(host.readJournal(), { state: JOURNAL_STATE.run, instance: 1, ids: [NO_CALL, 7] });
});

test("answers that take long to go on from are told in turns", async (t) => {
  const CALLS = 8;
  const host = embedHost(await settings());
  t.teardown(() => host.kill());
  const asks: number[] = [];
  let results = 0;
  const { promise: all, resolve: onAll } = Promise.withResolvers<void>();
  const { promise: asked, resolve: onAsked } = Promise.withResolvers<void>();
  host.attach({
    onWork() {},
    onExit: t.fail,
    onMessage({ type }) {
      if (type !== "loaded") return;
      const calls = new CallsEncoder();
      for (let id = 1; id <= CALLS; id++) {
        calls.openSeat(id, SEAT);
        calls.call(id, id, HOOK_NUMBER.client, {
          payload: { binary: false, bytes: Buffer.from("{}") },
          sequence: 1,
          time: 0,
        });
      }
      calls.finish(host.out, FRAME_KIND.calls, 1);
      host.flush();
    },
    onAsk(...frame) {
      if (asks.push(decodeAsk(...frame).id) === CALLS) onAsked();
    },
    onResults(bytes, start, end) {
      createResultsDecoder(({ kind }) => {
        if (kind !== RESULT_KIND.pending && ++results === CALLS) onAll();
      })(bytes, start, end);
    },
  });
  const code = `var __policy = { async client({ kv }) {
    await kv.get("x");
    const until = Date.now() + 15;
    while (Date.now() < until);
  } };`;
  host.send({ type: "load", instance: 1, code, filename: "p.js" });
  await asked;
  for (const id of asks) encodeAnswer(host.out, 1, { id, isGood: true, text: "null", binary: undefined });
  host.flush();
  // Answers are told in a turn of its own, which comes before this one.
  await new Promise(setImmediate);
  t.true(results > 0 && results < CALLS, String(results));
  await all;
});

test("calls that are alone, and those in frames, run in the order that they were sent in", async (t) => {
  const host = embedHost(await settings());
  t.teardown(() => host.kill());
  const settled: number[] = [];
  const results = createResultsDecoder(({ id }) => settled.push(id));
  await new Promise<void>((resolve) => {
    host.attach({
      ...silent,
      onMessage: ({ type }) => type === "loaded" && resolve(),
      onResults: results,
      onExit: t.fail,
    });
    host.send({ type: "load", instance: 1, code: "var __policy = { client() {} };", filename: "p.js" });
  });
  const calls = new CallsEncoder();
  /** @returns whether it went without a frame */
  const add = (id: number): boolean => {
    const payload = { binary: false, bytes: Buffer.from("é") };
    calls.call(id, 1, HOOK_NUMBER.client, { payload, sequence: 1, time: 0 });
    const isTaken = host.takeLone?.(calls, 1) === true;
    if (!isTaken) calls.finish(host.out, FRAME_KIND.calls, 1);
    return isTaken;
  };
  calls.openSeat(1, SEAT);
  t.false(add(1));
  host.flush();
  t.true(add(2));
  t.false(add(3));
  t.false(add(4));
  host.flush();
  // One that comes while a turn is to come waits for it, with a record of its own.
  host.send({ type: "load", instance: 2, code: "var __policy = {};", filename: "q.js" });
  host.send({ type: "load", instance: 3, code: "var __policy = {};", filename: "r.js" });
  await Promise.resolve();
  t.true(add(5));
  host.flush();
  t.true(add(6));
  host.flush();
  t.deepEqual(settled, [1, 2, 3, 4]);
  await new Promise(setImmediate);
  t.deepEqual(settled, [1, 2, 3, 4, 5, 6]);
});
