import test from "ava";
import fc from "fast-check";
import {
  advanceMode,
  fateOf,
  openingAt,
  type PumpEvent,
  type PumpFrameKind,
  type PumpMode,
} from "../../../core/session/relay/pump-mode.ts";

const modes: readonly PumpMode[] = ["splice", "read", "weigh", "skip", "answer", "over"];
const kinds: readonly PumpFrameKind[] = ["data", "control", "pong", "close"];
const events: readonly PumpEvent[] = [
  "message-read",
  "message-weighed",
  "message-refused",
  "message-end",
  "close-decided",
  "ended",
];

function play(...script: readonly PumpEvent[]): PumpMode {
  return script.reduce<PumpMode>((mode, event) => advanceMode(mode, event), "splice");
}

test("the table: what becomes of each kind of frame in each mode", (t) => {
  const table = modes.map((mode) => [mode, ...kinds.map((kind) => fateOf(mode, kind))].join(" "));
  t.deepEqual(table, [
    "splice pass pass hold parse",
    "read collect pass hold parse",
    "weigh weigh pass hold parse",
    "skip drop pass hold parse",
    "answer drop drop drop parse",
    "over drop drop drop drop",
  ]);
});

test("messages are read, weighed or skipped from their first frame to their last", (t) => {
  t.is(play("message-read"), "read");
  t.is(play("message-read", "message-end"), "splice");
  t.is(play("message-weighed"), "weigh");
  t.is(play("message-weighed", "message-end"), "splice");
  t.is(play("message-refused"), "skip");
  t.is(play("message-refused", "message-end", "message-read"), "read");
});

test("the gateway's close awaits the sender's, unless the sender has said its last", (t) => {
  for (const before of [[], ["message-read"], ["message-weighed"], ["message-refused"]] as const) {
    t.is(play(...before, "close-decided"), "answer");
    t.is(play(...before, "close-decided", "close-decided"), "answer");
    t.is(play(...before, "close-decided", "ended"), "over");
    t.is(play(...before, "ended", "close-decided"), "over");
  }
});

test("an event that cannot be says so, with the mode that it came in", (t) => {
  t.throws(() => play("message-read", "message-read"), {
    message: 'a pump in the mode read was told "message-read"',
  });
  for (const script of [
    ["message-end"],
    ["message-refused", "message-read"],
    ["close-decided", "message-end"],
    ["ended", "message-refused"],
  ] as const) {
    t.throws(() => play(...script), { message: /^a pump in the mode \w+ was told / }, script.join());
  }
});

test("property: in whatever order, what has ended stays so, and nothing of the sender's passes any more", (t) => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...events)), fc.constantFrom(...kinds), (script, kind) => {
      let mode: PumpMode = "splice";
      let isEnded = false;
      for (const event of script) {
        try {
          mode = advanceMode(mode, event);
        } catch {
          t.true(event.startsWith("message-"));
          continue;
        }
        isEnded ||= event === "close-decided" || event === "ended";
        t.is(mode === "answer" || mode === "over", isEnded);
        if (isEnded) t.true(["drop", "parse"].includes(fateOf(mode, kind)));
      }
      t.is(mode === "over", script.includes("ended"));
    }),
  );
});

test("frames of the gateway's own never go into a frame that is leaving, nor messages into a message", (t) => {
  const inside = { insideFrame: true, insideMessage: true };
  const between = { insideFrame: false, insideMessage: true };
  const outside = { insideFrame: false, insideMessage: false };
  for (const mode of ["splice", "skip"] as const) {
    for (const kind of ["data", "control", "pong"] as const) t.is(openingAt(mode, kind, inside), "none");
    // A Close is made anew when it is there as a whole.
    t.is(openingAt(mode, "close", inside), "control");
    t.is(openingAt(mode, "data", between), "control");
    t.is(openingAt(mode, "data", outside), "any");
  }
  // What is put together has not begun to leave, but a ping that came inside of it has.
  for (const mode of ["read", "weigh"] as const) {
    t.is(openingAt(mode, "data", inside), "any");
    t.is(openingAt(mode, "data", between), "any");
    t.is(openingAt(mode, "control", inside), "none");
    t.is(openingAt(mode, "close", inside), "any");
  }
});
