import test from "ava";
import { Deadlines } from "../../../core/session/limits/deadlines.ts";
import { TimedHooks } from "../../../core/session/times/timed-hooks.ts";
import { HeldSeat } from "../relay/pump-rig.ts";
import { timelessSeats } from "../timeless-seats.ts";

/** A connection's one policy, in which these hooks run and no others. */
function startWith(hooks: readonly string[]) {
  const did: unknown[] = [];
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
    ...{ isHeldUp: false, onError: "close" as const },
    sendTo: (side: string) => void did.push(side),
    close: () => void did.push("close"),
    onRenewed() {},
  };
  return { did, seat, timed: new TimedHooks(seats, session, new Deadlines()) };
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
  both.seat.settle({ kind: "tick", toClient: [], toServer: [], renewal });
  t.deepEqual(both.did, [{ user: "admin" }, "server", { user: "admin" }, "server", "close"]);
  both.timed.stop();
});
