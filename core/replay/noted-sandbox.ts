import { noteSettled, type SeatGiver } from "../chain/noted-seats.ts";
import { viewBody } from "../verdicts/body-view.ts";
import { viewVerdict } from "../verdicts/verdict-view.ts";
import type { ReplayedStep } from "./replayed-step.ts";

/** Takes down what each call comes to. */
export function noteCalls(sandbox: SeatGiver, note: (step: ReplayedStep) => void): SeatGiver {
  return noteSettled(sandbox, ({ seat, call, outcome }) => {
    const { hook, payload } = call;
    const { policy, version } = seat;
    const fault = outcome.kind === "fault" ? { fault: outcome.fault } : {};
    note({
      ...{ policy, version, hook },
      input: viewBody(payload),
      verdict: viewVerdict(outcome, payload),
      ...fault,
    });
  });
}
