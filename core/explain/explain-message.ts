import type { FrameRecord, MessageStep, PayloadView } from "../traffic/records.ts";
import { explainSteps, type FindHookLine } from "./explain-steps.ts";
import type { ExplainedMessage, MessageExplanation } from "./explanation.ts";

/** One message as a row among others. @param since when its session began, milliseconds since 1970 */
export function explainRow(frame: FrameRecord, since: number, findLine: FindHookLine): ExplainedMessage {
  const { origin, by, sequence, seq, opcode, time, length, outcome, durationMs, steps } = frame;
  const inPolicies = steps.reduce((sum, step) => sum + step.durationMs, 0);
  return {
    ...{ message: `${origin}:${sequence}`, seq, kind: KINDS[opcode] ?? `opcode ${opcode}` },
    ...(by && { by }),
    ...{ sinceStartMs: time - since, length, outcome, durationMs },
    waitedMs: steps.length === 0 ? 0 : Math.max(0, durationMs - inPolicies),
    steps: explainSteps(steps, origin, findLine).map(({ changed: _, after: __, ...step }) => step),
  };
}

/** One message: what it was, what each policy got, did and made of it, and what left. */
export function explainMessage(
  frame: FrameRecord,
  since: number,
  findLine: FindHookLine,
): MessageExplanation {
  const { session, origin, time, frames, isCompressed, maskKey, payload, replies, appended } = frame;
  const { writeMs, unsentBytes } = frame;
  return {
    ...explainRow(frame, since, findLine),
    ...{ session, origin, time, frames, isCompressed, maskKey, writeMs, unsentBytes },
    steps: withPayloads(frame, explainSteps(frame.steps, origin, findLine)),
    payload,
    sent: sentOf(frame),
    ...{ replies, appended },
  };
}

/** Each policy got what the one before it had made. */
function withPayloads<Step extends MessageStep>(
  { payload, after }: Pick<FrameRecord, "payload" | "after">,
  steps: readonly Step[],
): (Omit<Step, "changed" | "after"> &
  Pick<MessageExplanation["steps"][number], "changed" | "input" | "output">)[] {
  let current: PayloadView | null = payload;
  return steps.map(({ changed, after: made, ...step }) => {
    const input = current;
    const output = changed ? (made ?? after) : null;
    if (changed) current = output;
    return { ...step, changed, input, output };
  });
}

function sentOf({ outcome, payload, after }: FrameRecord): PayloadView | null {
  switch (outcome) {
    case "spliced":
    case "passed":
      return payload;
    // Beside a close something may be said to go on.
    case "replaced":
    case "closed":
    case "dropped":
    case "failed":
      return after;
  }
}

const KINDS: Readonly<Record<number, string>> = {
  0: "fragment",
  1: "text",
  2: "binary",
  8: "close",
  9: "ping",
  10: "pong",
};
