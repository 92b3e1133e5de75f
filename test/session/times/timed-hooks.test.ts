import test from "ava";
import { Deadlines } from "../../../core/session/limits/deadlines.ts";
import type { HookNote } from "../../../core/session/tap/hook-note.ts";
import { TimedHooks } from "../../../core/session/times/timed-hooks.ts";
import type { Outcome } from "../../../sandbox/contract/verdicts.ts";
import { eventually } from "../../support/eventually.ts";
import { HeldSeat } from "../relay/pump-rig.ts";
import { timelessSeats } from "../timeless-seats.ts";

/** A connection's one policy, in which these hooks run and no others. */
function startWith(hooks: readonly string[], onError: "close" | "pass" = "close") {
  const did: unknown[] = [];
  const notes: HookNote[] = [];
  const seat = new HeldSeat();
  const seats = {
    ...timelessSeats,
    runs: (_: string, hook: string) => hooks.includes(hook),
    timedSeat: (_: string, hook: string) => (hooks.includes(hook) ? seat : undefined),
    renew(attributes = {}) {
      did.push(attributes);
      return attributes;
    },
  };
  const session = {
    ...{ isHeldUp: false, onError },
    tap: { hook: (note: HookNote) => void notes.push(note) },
    sendTo: (side: string, _payloads: unknown, _path: unknown, sender: unknown) =>
      void did.push(sender === seat ? `${side}, in its place` : side),
    close: () => void did.push("close"),
    onRenewed() {},
  };
  return { did, notes, seat, timed: new TimedHooks(seats, session, new Deadlines()) };
}

const sent = { toClient: [], toServer: [{ binary: false, bytes: Buffer.from("m") }] };
const renewal = { ...sent, attributes: { user: "admin" }, close: { code: 1000, reason: "" } };

test("a verdict renews nothing where the use of the policy is not to have the hook, whatever the sandbox says", (t) => {
  const messages = startWith(["client"]);
  messages.timed.onAside(messages.seat, { tick: { in: 0 }, renewal });
  t.deepEqual([messages.did, messages.seat.calls.length], [[], 0]);

  const ticks = startWith(["client", "tick"]);
  ticks.timed.onAside(ticks.seat, { tick: { in: 0 }, renewal });
  ticks.seat.settle({ kind: "tick", toClient: [], toServer: [], renewal });
  t.deepEqual(ticks.did, []);

  const both = startWith(["tick", "renew"]);
  both.timed.onAside(both.seat, { tick: { in: 0 }, renewal });
  both.seat.settle({ kind: "tick", ...sent, renewal });
  const did = [{ user: "admin" }, "server", "server, in its place", { user: "admin" }, "server", "close"];
  t.deepEqual(both.did, did);
  both.timed.stop();
});

test("who watches is told of each call that said something, and of no other", async (t) => {
  const both = startWith(["tick", "renew"], "pass");
  const { notes, timed, seat } = both;
  const nothing = { toClient: [], toServer: [] };
  const ticked = async (outcome: Outcome) => {
    timed.onAside(seat, { tick: { in: 0 } });
    await eventually("its tick", () => seat.calls.length > 0);
    seat.settle(outcome);
  };
  await ticked({ kind: "unchanged" });
  await ticked({ kind: "tick", ...nothing, tick: { in: 1e6 } });
  t.deepEqual(notes, []);
  await ticked({ kind: "tick", ...sent });
  const fault = { policy: "p", version: "7", hook: "tick", reason: "throw", message: "broken" } as const;
  await ticked({ kind: "fault", fault: { ...fault, stack: "Error\n    at tick (p.ts:4:9)" } });
  timed.onAside(seat, { renewal: { ...nothing, attributes: { user: "anna" }, expires: 2e12 } });
  const close = { code: 4001, reason: "over", rule: "time" };
  await ticked({ kind: "tick", ...sent, close, renewal: { ...nothing, renewAt: 2e12 } });
  t.deepEqual(
    notes.map(({ calling, outcome, detail, place, rule }) => [calling.by, outcome, detail, place, rule]),
    [
      ["time", "sent", "", "", ""],
      ["time", "failed", "broken", "p.ts:4:9", ""],
      ["message", "renewed", "", "", ""],
      ["time", "closed", "4001 over", "", "time"],
    ],
  );
  t.like(notes[0], { toServer: sent.toServer, calling: { hook: "tick" } });
  t.like(notes[1], { version: "7", expires: undefined });
  t.like(notes[2], { attributes: { user: "anna" }, expires: 2e12, calling: { hook: "renew" } });
  timed.stop();
});
