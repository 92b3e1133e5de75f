import test from "ava";
import { findBundles } from "../../../../sandbox/bundles.ts";
import { embedHost } from "../../../../sandbox/client/transport/embedded-host.ts";
import { DEFAULT_POLICY_LIMITS } from "../../../../sandbox/defaults.ts";
import type { HostMessage } from "../../../../sandbox/wire/control.ts";
import { HostNonsense } from "../../../../sandbox/wire/nonsense.ts";

const settings = async (guest?: string) => ({
  ...DEFAULT_POLICY_LIMITS,
  guest: guest ?? (await findBundles()).guest,
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
