import type { PolicyBundle } from "../../sandbox/contract.ts";
import type { Baseline } from "./baseline.ts";
import { withoutAccepted } from "./baseline.ts";
import type { ReplayDifference } from "./difference.ts";
import { type DifferenceGroup, groupDifferences } from "./groups.ts";
import { findHook, type HookPlace } from "./hook-place.ts";
import type { NotReplayed, ReplayRun } from "./replay.ts";

/** A group with where to look. */
export interface ReportedGroup extends DifferenceGroup {
  /** Undefined when no policy had a part in it. */
  readonly place: HookPlace | undefined;
}

/** What a replay found, for whoever reads it: people, CI, other programs. */
export interface ReplayReport {
  readonly recording: string;
  readonly sessions: number;
  /** Requests that were refused when they were recorded: no sessions. */
  readonly refused: number;
  readonly messages: number;
  readonly left: NotReplayed;
  /** What nobody has accepted yet. */
  readonly groups: readonly ReportedGroup[];
  readonly accepted: number;
}

export interface ReportParts {
  readonly recording: string;
  readonly run: ReplayRun;
  readonly differences: readonly ReplayDifference[];
  readonly baseline: Baseline;
  readonly bundles: ReadonlyMap<string, PolicyBundle>;
}

export function buildReport({ recording, run, differences, baseline, bundles }: ReportParts): ReplayReport {
  const groups = withoutAccepted(groupDifferences(differences), baseline);
  const fresh = groups.reduce((sum, group) => sum + group.differences.length, 0);
  const upgrades = run.events.filter((event) => event.type === "upgrade");
  const refused = upgrades.filter(
    ({ recorded: { result } }) => result !== undefined && result.status !== 101,
  ).length;
  return {
    recording,
    sessions: upgrades.length - refused,
    refused,
    messages: run.events.filter(({ type }) => type === "message").length,
    left: run.left,
    groups: groups.map((group) => {
      const bundle = bundles.get(group.policy);
      return { ...group, place: bundle && findHook(bundle, group.hook) };
    }),
    accepted: differences.length - fresh,
  };
}
