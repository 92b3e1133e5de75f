import type { Outcome } from "../../sandbox/contract/verdicts.ts";
import type { HookCall, Sandbox, Seat } from "../../sandbox/contract.ts";

export type SeatGiver = Pick<Sandbox, "exports" | "seat">;

/** What a policy was called with, and what came of it. */
export interface SettledCall {
  readonly seat: Seat;
  readonly call: HookCall;
  readonly outcome: Outcome;
}

/** Tells what each call comes to before whoever made it hears of it, who may write over the bytes. */
export function noteSettled(sandbox: SeatGiver, note: (settled: SettledCall) => void): SeatGiver {
  return {
    exports: sandbox.exports,
    seat(...place) {
      const seat = sandbox.seat(...place);
      return {
        get policy() {
          return seat.policy;
        },
        get version() {
          return seat.version;
        },
        matcher: seat.matcher.bind(seat),
        skip: seat.skip.bind(seat),
        renew: seat.renew.bind(seat),
        offer: seat.offer.bind(seat),
        end: seat.end.bind(seat),
        close: seat.close.bind(seat),
        submit: (call) => seat.submit(noted(call, seat, note)),
      };
    },
  };
}

/** A call that changes goes on with what it was made of: a message is itself the call of each policy after the other. */
function noted(made: HookCall, seat: Seat, note: (settled: SettledCall) => void): HookCall {
  const { hook, payload, sequence, time, matchedBy } = made;
  const call: HookCall = {
    ...{ hook, payload, sequence, time, matchedBy },
    settle(outcome) {
      note({ seat, call, outcome });
      made.settle(outcome);
    },
  };
  return call;
}
