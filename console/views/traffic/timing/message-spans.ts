import type { FrameRecord, PolicyStep } from "../../../../core/traffic/records.ts";
import { bytes } from "../../../parts/format.ts";
import type { TimeSpan } from "../../../parts/waterfall/waterfall.tsx";

/** Of a message that policies read. */
interface TimedMessage extends Pick<FrameRecord, "durationMs" | "writeMs" | "unsentBytes"> {
  readonly steps: readonly Pick<
    PolicyStep,
    "policy" | "by" | "action" | "detail" | "afterMs" | "durationMs"
  >[];
}

/** Less is the work of the gateway between two calls, and no waiting that anybody could see. */
const LEAST_WAIT_MS = 0.001;

/** Where its time went: in its policies, and before, between and behind them, and on its way out. */
export function spansOfMessage({
  steps,
  durationMs,
  writeMs,
  unsentBytes,
}: TimedMessage): readonly TimeSpan[] {
  const spans: TimeSpan[] = [];
  let doneMs = 0;
  const wait = (untilMs: number, about: string) => {
    if (untilMs - doneMs < LEAST_WAIT_MS) return;
    spans.push({ name: "Wait", about, tone: "wait", startMs: doneMs, durationMs: untilMs - doneMs });
  };
  for (const { policy, by, action, detail, afterMs, durationMs } of steps) {
    wait(afterMs, "for its call");
    spans.push({
      ...{ name: by ?? policy, about: by === undefined ? undefined : "held it", tone: "policy" },
      ...{ startMs: afterMs, durationMs, problem: action === "failed" ? detail : undefined },
    });
    doneMs = afterMs + durationMs;
  }
  wait(durationMs, "for its turn");
  if (writeMs !== null) {
    const about = unsentBytes === 0 ? undefined : `${bytes(unsentBytes)} waited for the receiver`;
    spans.push({ name: "Write", about, tone: "answer", startMs: durationMs, durationMs: writeMs });
  }
  return spans;
}

/** Until the receiver's socket had it. */
export function wholeOfMessage({ durationMs, writeMs }: TimedMessage): number {
  return durationMs + (writeMs ?? 0);
}
