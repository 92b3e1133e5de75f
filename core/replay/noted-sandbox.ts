import type { HookCall, Sandbox, Seat } from "../../sandbox/contract.ts";
import { viewBody } from "../verdicts/body-view.ts";
import { viewVerdict } from "../verdicts/verdict-view.ts";
import type { ReplayedStep } from "./replayed-step.ts";

export type SeatGiver = Pick<Sandbox, "exports" | "seat">;

/** Takes down what each call comes to before whoever made it hears of it, who may write over the bytes. */
export function noteCalls(sandbox: SeatGiver, note: (step: ReplayedStep) => void): SeatGiver {
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

function noted(call: HookCall, seat: Seat, note: (step: ReplayedStep) => void): HookCall {
  const { hook, payload, sequence, time, matchedBy } = call;
  const input = viewBody(payload);
  return {
    hook,
    payload,
    sequence,
    time,
    matchedBy,
    settle(outcome) {
      const fault = outcome.kind === "fault" ? { fault: outcome.fault } : {};
      const { policy, version } = seat;
      note({ policy, version, hook, input, verdict: viewVerdict(outcome, payload), ...fault });
      call.settle(outcome);
    },
  };
}
