import type { FrameRecord, PayloadView } from "../../../../core/traffic/records.ts";

/** What one policy was given, and what it made of it. */
export interface StepChange {
  readonly changed: boolean;
  /** Null: that is not kept. */
  readonly input: PayloadView | null;
  /** Null: it did not change it, or that is not kept. */
  readonly output: PayloadView | null;
}

/** Each policy got what the one before it had made; what the last change made is what left. */
export function changesOf({
  payload,
  after,
  steps,
}: Pick<FrameRecord, "payload" | "after" | "steps">): readonly StepChange[] {
  let input = payload;
  return steps.map(({ changed, after: made }) => {
    const change = { changed, input, output: changed ? (made ?? after) : null };
    if (changed) input = change.output;
    return change;
  });
}
