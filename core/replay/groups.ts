import { createHash } from "node:crypto";
import type { ReplayDifference } from "./difference.ts";

/** Differences of one kind: what one hook of one policy does otherwise, to the same parts. */
export interface DifferenceGroup {
  readonly policy: string;
  readonly hook: ReplayDifference["hook"];
  /** The parts, sorted: `message.json[*].price`. */
  readonly paths: readonly string[];
  /** In the order of the file. */
  readonly differences: readonly ReplayDifference[];
}

/** In the order in which the first of each stands in the file. */
export function groupDifferences(differences: readonly ReplayDifference[]): DifferenceGroup[] {
  const groups = Map.groupBy(differences, ({ policy, hook, changes }) =>
    JSON.stringify([policy, hook, pathsOf(changes)]),
  );
  return [...groups.values()].flatMap((members) => {
    const [first] = members;
    if (first === undefined) return [];
    const { policy, hook, changes } = first;
    return [{ policy, hook, paths: pathsOf(changes), differences: members }];
  });
}

/** Tells a difference from all others, and is the same whenever the same recording brings it. */
export function fingerprintOf({ policy, hook, session, sequence, changes }: ReplayDifference): string {
  const text = JSON.stringify([policy, hook, session, sequence ?? 0, changes]);
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}

function pathsOf(changes: ReplayDifference["changes"]): string[] {
  return [...new Set(changes.map(({ path }) => path.replace(/\[\d+\]/g, "[*]")))].sort();
}
