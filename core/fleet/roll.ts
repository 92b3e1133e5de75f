import { type KnownNode, type NodeReport, parseReport } from "./report.ts";

/** Who is in the fleet, as Redis has it. */
export interface Roll {
  /** Sorted by name. Those that are gone are remembered for a while. */
  readonly nodes: readonly KnownNode[];
}

/** A node that is not heard of for so long is gone. */
export const NODE_LEASE_MS = 5_000;

/** What the script that reads answers; what is not as expected is no roll. */
export function readRoll(reply: unknown): Roll {
  const [now, rows] = Array.isArray(reply) ? reply : [];
  if (typeof now !== "number" || !Array.isArray(rows)) throw new Error("expected the fleet's nodes of Redis");
  const nodes: KnownNode[] = [];
  for (let at = 0; at + 3 < rows.length; at += 4) {
    const [node, until, report, pulse] = rows.slice(at, at + 4).map(String);
    if (node !== undefined) nodes.push(readNode({ node, until, report, pulse }, now));
  }
  return { nodes: nodes.sort((a, b) => (a.node < b.node ? -1 : 1)) };
}

interface RollRow {
  readonly node: string;
  readonly until: string | undefined;
  readonly report: string | undefined;
  readonly pulse: string | undefined;
}

function readNode({ node, until, report = "", pulse = "" }: RollRow, now: number): KnownNode {
  const [holder = "", sessions = ""] = pulse.split(" ");
  const ends = Number(until);
  return {
    node,
    holder,
    sessions: /^\d{1,12}$/.test(sessions) ? Number(sessions) : 0,
    seenMs: Math.max(0, now - (ends - NODE_LEASE_MS)),
    isGone: !(ends > now),
    report: parseReport(report),
  };
}

/** Times of this machine's clock, by that of Redis. */
export function shiftTimes(report: NodeReport, skewMs: number): NodeReport {
  const shift = (time: number) => (time === 0 ? 0 : time + skewMs);
  return {
    ...report,
    startedAt: shift(report.startedAt),
    policies: report.policies.map((policy) => ({ ...policy, since: shift(policy.since) })),
  };
}
