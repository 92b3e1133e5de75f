import test from "ava";
import type { HostMessage } from "../../../sandbox/wire/control.ts";
import { decodeHostMessage } from "../../../sandbox/wire/host-messages.ts";
import { HostNonsense } from "../../../sandbox/wire/nonsense.ts";
import { hostMessages } from "./right-messages.ts";

function decode(json: string): HostMessage {
  const bytes = Buffer.from(json);
  return decodeHostMessage(bytes, 0, bytes.length);
}

test("what a host says comes out as it went in", (t) => {
  for (const message of hostMessages) t.deepEqual(decode(JSON.stringify(message)), message);
});

test("what no host says is refused", (t) => {
  const wrongs: readonly unknown[] = [
    null,
    [],
    "ready",
    {},
    { type: "toString" },
    { type: "log", instance: 1, lines: [[0, "fatal", "text"]] },
    { type: "log", instance: 1, lines: [[0, "__proto__", "text"]] },
    { type: "log", instance: 1, lines: [[0, "info", { length: 5 }]] },
    { type: "log", instance: 1, lines: [[0, "info", "x".repeat(5000)]] },
    { type: "log", instance: 1, lines: [[0, "info"]] },
    { type: "log", instance: 1, lines: { length: 1 } },
    { type: "log", instance: "1", lines: [] },
    { type: "log", instance: 1, lines: Array(2000).fill([0, "info", "text"]) },
    { type: "tired", instance: -1 },
    { type: "tired", instance: 1e300 },
    { type: "pong", sequence: 0, rss: "much" },
    { type: "pong", sequence: 0, rss: -1 },
    { type: "pong", sequence: 0, rss: 1, usage: { cpuUs: 1, heaps: [[1]] } },
    { type: "pong", sequence: 0, rss: 1, usage: { cpuUs: null, heaps: [] } },
    { type: "lost", instance: 1, reason: "boredom", begun: [], starved: false, spentUs: 0 },
    { type: "lost", instance: 1, reason: "timeout", begun: Array(300).fill(1), starved: false, spentUs: 0 },
    { type: "lost", instance: 1, reason: "timeout", begun: ["1"], starved: false, spentUs: 0 },
    { type: "lost", instance: 1, reason: "timeout", begun: [], starved: 1, spentUs: 0 },
    { type: "lost", instance: 1, reason: "timeout", begun: [], starved: false, spentUs: 0, ranAt: 5 },
    {
      ...{ type: "lost", instance: 1, reason: "timeout", begun: [], starved: false, spentUs: 0 },
      ranAt: "x".repeat(8193),
    },
    { type: "loaded", instance: 1, result: { ok: true, hooks: ["constructor"] } },
    { type: "loaded", instance: 1, result: { ok: true, hooks: "client" } },
    {
      type: "loaded",
      instance: 1,
      result: { ok: true, hooks: ["client"], when: { client: { opcode: "ping" } } },
    },
    { type: "loaded", instance: 1, result: { ok: true, hooks: [], when: { client: { opcode: "text" } } } },
    {
      type: "loaded",
      instance: 1,
      result: { ok: false, failure: { reason: "throw", message: 5, stack: "" } },
    },
    {
      type: "loaded",
      instance: 1,
      result: { ok: false, failure: { reason: "killed", message: "", stack: "" } },
    },
    { type: "loaded", instance: 1, result: { ok: false } },
  ];
  for (const wrong of wrongs) {
    const json = JSON.stringify(wrong);
    t.throws(() => decode(json), { instanceOf: HostNonsense }, json.slice(0, 80));
  }
  for (const json of ["", "{", '{"type":"ready"', "\u0000"])
    t.throws(() => decode(json), { instanceOf: HostNonsense });
  const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
  t.throws(() => decode(`{"type":"loaded","instance":1,"result":{"ok":true,"hooks":[],"route":${deep}}}`), {
    instanceOf: HostNonsense,
  });
});

test("nothing beside what is known is passed on", (t) => {
  const message = '{"type":"tired","instance":1,"__proto__":{"a":1},"more":[1]}';
  t.deepEqual(decode(message), { type: "tired", instance: 1 });
});
