import { isDeepStrictEqual } from "node:util";
import { diffJson } from "../verdicts/json-diff.ts";
import { diffUpgrade } from "./compare-recorded.ts";
import { differenceAt, type ReplayDifference } from "./difference.ts";
import type { ReplayedEvent, ReplayRun } from "./replay.ts";
import type { ReplayedStep } from "./replayed-step.ts";

/**
 * What the hooks of two versions say otherwise, verdict by verdict. A hook that was called with something else says
 * something else: that is the doing of those before it, and told of them only.
 *
 * @param before by the older version
 */
export function compareRuns(before: ReplayRun, after: ReplayRun): ReplayDifference[] {
  const older = new Map(before.events.map((event) => [event.line, event]));
  const newer = new Map(after.events.map((event) => [event.line, event]));
  const lines = [...new Set([...older.keys(), ...newer.keys()])].sort((a, b) => a - b);
  return lines.flatMap((line) => compareEvent(older.get(line), newer.get(line)));
}

/** What only one of them got to is behind a close, or a route, that is told of where it happened. */
function compareEvent(
  before: ReplayedEvent | undefined,
  after: ReplayedEvent | undefined,
): ReplayDifference[] {
  if (before === undefined || after === undefined) return [];
  const older = keyed(before.steps);
  const newer = keyed(after.steps);
  const said = [...new Set([...older.keys(), ...newer.keys()])].flatMap((key) => {
    const one = older.get(key);
    const other = newer.get(key);
    if (one && other && !isDeepStrictEqual(one.input, other.input)) return [];
    const changes = diffJson(one?.verdict ?? {}, other?.verdict ?? {});
    const step = other ?? one;
    if (changes.length === 0 || step === undefined) return [];
    return [differenceAt(after, { policy: step.policy, step, changes })];
  });
  return said.length > 0 ? said : differenceOfRoutes(before, after);
}

/** One of them has no route for it any more. */
function differenceOfRoutes(before: ReplayedEvent, after: ReplayedEvent): ReplayDifference[] {
  if (before.type !== "upgrade" || after.type !== "upgrade") return [];
  const changes = diffUpgrade(before.effect, after.effect).filter(({ path }) => path === "status");
  return changes.length === 0 ? [] : [differenceAt(after, { policy: "", changes })];
}

/** By policy, and which of its calls it was: what a policy appends passes those behind it as well. */
function keyed(steps: readonly ReplayedStep[]): Map<string, ReplayedStep> {
  const counts = new Map<string, number>();
  return new Map(
    steps.map((step) => {
      const nth = counts.get(step.policy) ?? 0;
      counts.set(step.policy, nth + 1);
      return [`${step.policy}\n${nth}`, step];
    }),
  );
}
