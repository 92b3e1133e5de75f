import { type Difference, findDifferences } from "./differences.ts";
import type { Unanswered } from "./questions/unanswered.ts";
import type { KnownNode } from "./report.ts";

/** What is wrong with this node's part in the fleet. */
export interface FleetProblem {
  /** `lost`: Redis does not answer; `name`: another has its name. */
  readonly kind: "lost" | "name";
  readonly message: string;
}

/** How it is with a node: what it says itself, or why it says nothing. */
export type NodeCondition = "starting" | "ready" | "draining" | "stopping" | "silent" | "unreadable" | "gone";

export interface NodeStatus extends KnownNode {
  readonly condition: NodeCondition;
  /** Who answers. */
  readonly isSelf: boolean;
  readonly differences: readonly Difference[];
}

export interface FleetStatus {
  /** That answers. */
  readonly node: string;
  readonly nodes: readonly NodeStatus[];
  /** Redis does not answer: of other nodes nothing is known. */
  readonly isLost: boolean;
  /** What is wrong with the fleet as a whole; "" for nothing. */
  readonly problem: string;
}

export function describeNodes(
  nodes: readonly KnownNode[],
  unanswered: readonly Unanswered[],
  holder: string,
): readonly NodeStatus[] {
  const differences = findDifferences(nodes);
  const mute = new Map(unanswered.map(({ node, reason }) => [node, reason]));
  return nodes.map((known) => ({
    ...known,
    condition: conditionOf(known, mute.get(known.node)),
    isSelf: known.holder === holder,
    differences: differences.get(known.node) ?? [],
  }));
}

function conditionOf({ isGone, report }: KnownNode, mute: Unanswered["reason"] | undefined): NodeCondition {
  if (isGone) return "gone";
  if (mute === "version" || report === undefined) return "unreadable";
  return mute === undefined ? report.state : "silent";
}
