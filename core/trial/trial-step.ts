import type { HookName, Payload } from "../../sandbox/contract/hooks.ts";
import type { Outcome } from "../../sandbox/contract/verdicts.ts";
import type { SettledCall } from "../chain/noted-seats.ts";
import { actionOf, closeDetail, detailOf, type FlowAction, placeOf } from "../session/tap/flow-trace.ts";
import { type VerdictView, viewVerdict } from "../verdicts/verdict-view.ts";

export type TrialAction = FlowAction | "skipped" | "rejected" | "held" | "sent" | "renewed";

/** One call of a hook. */
export interface TrialStep {
  readonly policy: string;
  readonly version: string;
  readonly hook: HookName;
  readonly action: TrialAction;
  /** Close code and reason, status, or the fault's message; else "". */
  readonly detail: string;
  /** Of a fault: what was thrown, in the author's lines; else "". */
  readonly stack: string;
  /** Of a fault: where in the author's files, e.g. `guard.ts:4:9`; else "". */
  readonly place: string;
  /** From the call, or the one before, to its verdict, the way to the sandbox and back included. */
  readonly durationMs: number;
  /** What it said, as plain JSON. @param show what is made of bodies */
  verdict(show: (body: Payload) => unknown): VerdictView;
}

export function trialStepOf({ seat, call, outcome }: SettledCall, durationMs: number): TrialStep {
  const { policy } = seat;
  const isFault = outcome.kind === "fault";
  const input = copyOf(call.payload);
  const kept = copyBodies(outcome);
  return {
    ...{ policy, hook: call.hook, durationMs },
    version: isFault ? outcome.fault.version : seat.version,
    ...wordsOf(outcome),
    stack: isFault ? outcome.fault.stack : "",
    place: isFault ? placeOf(outcome.fault) : "",
    verdict: (show) => viewVerdict(kept, input, show),
  };
}

function wordsOf(outcome: Outcome): Pick<TrialStep, "action" | "detail"> {
  switch (outcome.kind) {
    case "unchanged":
    case "message":
    case "fault":
      return { action: actionOf(outcome), detail: detailOf(outcome) };
    case "skipped":
      return { action: "skipped", detail: "its `when` is not for this message" };
    case "upgrade": {
      const { reject } = outcome.verdict;
      if (reject !== undefined) return { action: "rejected", detail: String(reject.status) };
      return { action: "replaced", detail: "" };
    }
    case "unavailable": {
      const { reject, hold } = outcome.verdict;
      if (reject !== undefined) return { action: "rejected", detail: String(reject.status) };
      return { action: hold === undefined ? "replaced" : "held", detail: "" };
    }
    case "tick":
    case "renew": {
      const { close, toClient, toServer } = outcome;
      if (close !== undefined) return { action: "closed", detail: closeDetail(close) };
      const isRenewed = outcome.kind === "renew" && (outcome.attributes ?? outcome.expires) !== undefined;
      if (isRenewed) return { action: "renewed", detail: "" };
      return { action: toClient.length + toServer.length > 0 ? "sent" : "passed", detail: "" };
    }
  }
}

/** Whoever gets the verdict may write over its bytes. */
function copyBodies(outcome: Outcome): Outcome {
  switch (outcome.kind) {
    case "message": {
      const { body, reply, append } = outcome;
      return {
        ...outcome,
        ...(body && { body: copyOf(body) }),
        reply: reply.map(copyOf),
        append: append.map(copyOf),
      };
    }
    case "tick":
    case "renew": {
      const { toClient, toServer } = outcome;
      return { ...outcome, toClient: toClient.map(copyOf), toServer: toServer.map(copyOf) };
    }
    case "unchanged":
    case "skipped":
    case "upgrade":
    case "unavailable":
    case "fault":
      return outcome;
  }
}

export function copyOf({ binary, bytes }: Payload): Payload {
  return { binary, bytes: Buffer.from(bytes) };
}
