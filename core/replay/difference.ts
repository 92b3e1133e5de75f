import type { HookName } from "../../sandbox/contract/hooks.ts";
import type { ValueChange } from "../verdicts/json-diff.ts";
import type { ReplayedEvent } from "./replay.ts";
import type { ReplayedStep } from "./replayed-step.ts";

/** One thing that comes out otherwise than before. */
export interface ReplayDifference {
  /** Whose doing it is, as far as that can be told; "" when no policy had a part in it. */
  readonly policy: string;
  readonly hook: HookName;
  readonly route: string;
  readonly session: string;
  /** In the file. */
  readonly line: number;
  /** Milliseconds since 1970. */
  readonly time: number;
  /** Of a message: its place among those of its side, from 1. */
  readonly sequence?: number;
  readonly changes: readonly ValueChange[];
  /** What the policy threw, in the author's lines; else what was wrong with it. */
  readonly stack?: string;
}

/** @param step what the policy said, if it was asked */
export function differenceAt(
  event: ReplayedEvent,
  { policy, step, changes }: Pick<ReplayDifference, "policy" | "changes"> & { readonly step?: ReplayedStep },
): ReplayDifference {
  const { session, route, line, recorded } = event;
  const { stack: thrownAt = "", message = "" } = step?.fault ?? {};
  const stack = thrownAt === "" ? message : thrownAt;
  return {
    policy,
    hook: hookOf(event),
    route,
    session,
    line,
    time: recorded.time,
    ...(event.type === "message" && { sequence: event.sequence }),
    changes,
    ...(stack !== "" && { stack }),
  };
}

function hookOf(event: ReplayedEvent): HookName {
  switch (event.type) {
    case "message":
      return event.recorded.origin;
    case "hook":
      return event.recorded.hook;
    case "upgrade":
    case "close":
      return event.type;
  }
}
