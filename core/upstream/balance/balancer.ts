import { hash } from "node:crypto";
import type { BalanceConfig } from "../../config/index.ts";

/** A server as it stands when a connection is to be given to one. */
export interface ServerStanding {
  readonly key: string;
  readonly weight: number;
  /** How much of its weight it gets now: below 1 while it comes back. */
  readonly share: number;
  /** Connections it has, those being dialled included. */
  readonly active: number;
  /** How long its handshakes took lately; undefined before the first. */
  readonly latencyMs: number | undefined;
}

/** Chooses among servers that may be chosen. Knows no sockets and no clock. */
export interface Balancer {
  /**
   * @returns undefined when there are no candidates
   * @param hashKey what the connection is hashed by; without one it goes round robin
   */
  pick<Each extends ServerStanding>(candidates: readonly Each[], hashKey?: string): Each | undefined;
}

export function createBalancer(kind: BalanceConfig["kind"]): Balancer {
  const pickNext = createRoundRobin();
  return {
    pick(candidates, hashKey) {
      if (candidates.length < 2) return candidates[0];
      switch (kind) {
        case "round-robin":
          return pickNext(candidates);
        case "least-connections":
          return pickNext(lowest(candidates, ({ active, weight, share }) => active / (weight * share)));
        case "fastest":
          // One that has not been asked yet is asked, and one that is busy with handshakes is not piled upon.
          return pickNext(lowest(candidates, costOf));
        case "hash":
          return hashKey === undefined ? pickNext(candidates) : highestScore(candidates, hashKey);
      }
    },
  };
}

/** Smooth weighted round robin, as nginx does it: 5:1:1 gives a a b a c a a, not a a a a a b c. */
function createRoundRobin(): <Each extends ServerStanding>(candidates: readonly Each[]) => Each | undefined {
  const credits = new Map<string, number>();
  return (candidates) => {
    let best = candidates[0];
    let bestCredit = Number.NEGATIVE_INFINITY;
    let total = 0;
    for (const candidate of candidates) {
      const weight = candidate.weight * candidate.share;
      const credit = (credits.get(candidate.key) ?? 0) + weight;
      credits.set(candidate.key, credit);
      total += weight;
      if (credit > bestCredit) {
        best = candidate;
        bestCredit = credit;
      }
    }
    if (best !== undefined) credits.set(best.key, bestCredit - total);
    return best;
  };
}

function costOf({ latencyMs, active, weight, share }: ServerStanding): number {
  if (latencyMs === undefined) return active === 0 ? -1 : 0;
  return latencyMs / (weight * share);
}

function lowest<Each>(candidates: readonly Each[], costOf: (candidate: Each) => number): Each[] {
  const costs = candidates.map(costOf);
  const least = Math.min(...costs);
  return candidates.filter((_, index) => costs[index] === least);
}

/**
 * Weighted rendezvous hashing: each server draws a number from the key and its own name, the highest has the key. A
 * server that comes takes keys from each of the others and moves none between them. The share plays no part: keys would
 * move to and fro while a server comes back.
 */
function highestScore<Each extends ServerStanding>(
  candidates: readonly Each[],
  hashKey: string,
): Each | undefined {
  let best = candidates[0];
  let bestScore = Number.NEGATIVE_INFINITY;
  for (const candidate of candidates) {
    const score = -candidate.weight / Math.log(drawOf(hashKey, candidate.key));
    if (score > bestScore) {
      best = candidate;
      bestScore = score;
    }
  }
  return best;
}

/** Evenly between 0 and 1, both excluded. */
function drawOf(hashKey: string, server: string): number {
  const bytes = hash("sha1", `${server}\n${hashKey}`, "buffer");
  return (bytes.readUIntBE(0, 6) + 0.5) / 2 ** 48;
}
