import type { Phase, PolicyStep } from "../../../../core/traffic/records.ts";
import type { SpanTone, TimeSpan } from "../../../parts/waterfall/waterfall.tsx";

/** Of an upgrade or a plain request. */
interface Answered {
  readonly status: number;
  readonly phases: readonly Phase[];
  readonly steps: readonly Pick<
    PolicyStep,
    "policy" | "hook" | "action" | "detail" | "afterMs" | "durationMs"
  >[];
}

const TONES = {
  admit: "wait",
  queue: "wait",
  dial: "dial",
  request: "send",
  server: "server",
  answer: "answer",
} as const satisfies Record<Phase["phase"], SpanTone>;

/** Where its time went, the calls of hooks among its phases. */
export function spansOfAnswer({ status, phases, steps }: Answered): readonly TimeSpan[] {
  const spans = [
    ...phases.map(
      (phase): TimeSpan => ({
        ...{ name: nameOf(phase, status), about: phase.server, tone: TONES[phase.phase] },
        ...{ startMs: phase.afterMs, durationMs: phase.durationMs, problem: phase.problem },
      }),
    ),
    ...steps.map(
      ({ policy, hook = "upgrade", action, detail, afterMs, durationMs }): TimeSpan => ({
        ...{ name: policy, about: hook, tone: "policy", startMs: afterMs, durationMs },
        problem: action === "failed" ? detail : undefined,
      }),
    ),
  ];
  return spans.sort((one, other) => one.startMs - other.startMs);
}

function nameOf({ phase, isKept }: Phase, status: number): string {
  switch (phase) {
    case "admit":
      return "Admission";
    case "queue":
      return "Queue";
    case "dial":
      return isKept ? "Kept connection" : "Dial";
    case "request":
      return "Request sent";
    case "server":
      return "Server";
    case "answer":
      return status === 101 ? "101 written" : "Answer";
  }
}
