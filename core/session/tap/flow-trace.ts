import type { PolicyFault } from "../../../sandbox/contract/faults.ts";
import type { Payload } from "../../../sandbox/contract/hooks.ts";
import type { CheckedClose, Outcome } from "../../../sandbox/contract/verdicts.ts";
import type { Seat } from "../../../sandbox/contract.ts";
import type { LetGo } from "../operator/holding-places.ts";

export type FlowAction =
  | "passed"
  | "replaced"
  | "dropped"
  | "replied"
  | "appended"
  | "closed"
  | "held"
  | "failed";

/** What one policy did with a message. */
export interface FlowStep {
  /** "" where it was an operator. */
  readonly policy: string;
  /** Absent: the policy. */
  readonly by?: "operator";
  readonly version: string;
  readonly action: FlowAction;
  /** From when the message was complete to the call. */
  readonly afterMs: number;
  /** From the call to its verdict, the way to the sandbox and back included. */
  readonly durationMs: number;
  readonly detail: string;
  /** Of a fault: where in the author's files, e.g. `guard.ts:4:9`; "" else. */
  readonly place: string;
  /** What it made of the message; undefined: it went on as it was, or not at all. */
  readonly after: Payload | undefined;
}

/** How a message came: its first frame, and how many there were. */
export interface MessageOrigin {
  readonly isCompressed: boolean;
  readonly maskKey: number;
  readonly frames: number;
  /** Absent: the side whose message it is has sent it. */
  readonly by?: "operator";
}

/** A message's way through its policies, taken down while somebody records. */
export class FlowTrace {
  readonly origin: MessageOrigin;
  readonly original: Payload;
  /** When the message was complete, ms since 1970. */
  readonly time: number;
  readonly steps: FlowStep[] = [];
  /** It is one of those that a sampler takes. */
  readonly isSampled: boolean;
  readonly #startedAt = performance.now();

  constructor(origin: MessageOrigin, original: Payload, time: number, isSampled = false) {
    this.origin = origin;
    this.original = original;
    this.time = time;
    this.isSampled = isSampled;
  }

  /** Time since the message was complete. */
  get durationMs(): number {
    return performance.now() - this.#startedAt;
  }

  /** @param calledAt on the clock of `performance.now` */
  addStep(seat: Seat, outcome: Outcome, calledAt: number): void {
    const { policy } = seat;
    const version = outcome.kind === "fault" ? outcome.fault.version : seat.version;
    const times = { afterMs: calledAt - this.#startedAt, durationMs: performance.now() - calledAt };
    this.steps.push({
      ...{ policy, version, ...times, action: actionOf(outcome), detail: detailOf(outcome) },
      place: outcome.kind === "fault" ? placeOf(outcome.fault) : "",
      after: outcome.kind === "message" ? outcome.body : undefined,
    });
  }

  /** An operator has held it. @param heldAt on the clock of `performance.now` */
  addHold({ action, detail }: LetGo, heldAt: number, after: Payload | undefined): void {
    const times = { afterMs: heldAt - this.#startedAt, durationMs: performance.now() - heldAt };
    const step = {
      policy: "",
      version: "",
      by: "operator",
      ...times,
      action,
      detail,
      place: "",
      after,
    } as const;
    this.steps.push(step);
  }
}

/** What of a message's flow tells what became of it. */
export interface TracedFlow {
  readonly isReplaced: boolean;
  readonly isDropped: boolean;
  readonly payload: Payload;
  readonly replies: readonly Payload[] | undefined;
  readonly followers: readonly TracedFlow[] | undefined;
  readonly close: { readonly cause: "policy" | "fault" } | undefined;
}

/** A message that has left, or will not: what became of it. */
export interface FlowResult {
  readonly outcome: "passed" | "replaced" | "dropped" | "closed" | "failed";
  readonly after: Payload | undefined;
  readonly replies: readonly Payload[];
  readonly appended: readonly Payload[];
}

/** @param isCutOff a policy closed the connection at an earlier message: this one did not go on */
export function resultOf(flow: TracedFlow, trace: FlowTrace, isCutOff: boolean): FlowResult {
  const followers = isCutOff ? [] : allFollowers(flow);
  return {
    outcome: isCutOff ? "dropped" : outcomeOf(flow, trace),
    after: flow.isReplaced && !flow.isDropped ? flow.payload : undefined,
    replies: isCutOff ? [] : [flow, ...followers].flatMap(({ replies }) => replies ?? []),
    appended: followers.filter(({ isDropped }) => !isDropped).map(({ payload }) => payload),
  };
}

function outcomeOf(flow: TracedFlow, { steps }: FlowTrace): FlowResult["outcome"] {
  if (flow.close !== undefined) return flow.close.cause === "policy" ? "closed" : "failed";
  if (flow.isDropped) return steps.at(-1)?.action === "failed" ? "failed" : "dropped";
  return flow.isReplaced ? "replaced" : "passed";
}

function allFollowers({ followers }: TracedFlow): readonly TracedFlow[] {
  return (followers ?? []).flatMap((flow) => [flow, ...allFollowers(flow)]);
}

/** What a hook of a message did. */
export function actionOf(outcome: Outcome): FlowAction {
  if (outcome.kind === "fault") return "failed";
  if (outcome.kind !== "message") return "passed";
  if (outcome.close !== undefined) return "closed";
  if (outcome.drop) return outcome.reply.length > 0 ? "replied" : "dropped";
  if (outcome.body !== undefined) return "replaced";
  if (outcome.append.length > 0) return "appended";
  return outcome.reply.length > 0 ? "replied" : "passed";
}

export function detailOf(outcome: Outcome): string {
  if (outcome.kind === "fault") return outcome.fault.message;
  return outcome.kind === "message" && outcome.close !== undefined ? closeDetail(outcome.close) : "";
}

/** E.g. `1008 not here`. */
export function closeDetail({ code, reason }: Pick<CheckedClose, "code" | "reason">): string {
  return `${code} ${reason}`.trimEnd();
}

const FRAME = "    at ";
const LONGEST_PLACE = 300;

/** The uppermost frame of a fault's stack. Policies write stacks: what is looked for takes time in proportion to them. */
export function placeOf({ stack }: Pick<PolicyFault, "stack">): string {
  const frame = stack.split("\n").find((line) => line.startsWith(FRAME));
  if (frame === undefined) return "";
  const place = frame.slice(Math.max(FRAME.length, frame.lastIndexOf("(") + 1));
  return (place.endsWith(")") ? place.slice(0, -1) : place).slice(0, LONGEST_PLACE);
}
