import type { CheckedUpgradeVerdict } from "../../sandbox/contract/verdicts.ts";

/** What one use of a policy has said of a connection's time when it let it in. */
export interface Term extends Pick<CheckedUpgradeVerdict, "expires" | "renewAt" | "tick"> {
  /** The use: see `routes/use-key.ts`. */
  readonly use: string;
}

/** What a verdict says of it; undefined: nothing. */
export function termOf(use: string, { expires, renewAt, tick }: Omit<Term, "use">): Term | undefined {
  if (expires === undefined && renewAt === undefined && tick === undefined) return undefined;
  return {
    use,
    ...(expires !== undefined && { expires }),
    ...(renewAt !== undefined && { renewAt }),
    ...(tick !== undefined && { tick }),
  };
}

/** A connection lasts as long as all who have said so let it; undefined: it does not expire. */
export function earliestExpiry(terms: Iterable<Pick<Term, "expires">>): number | undefined {
  let earliest: number | undefined;
  for (const { expires } of terms) {
    if (expires !== undefined && (earliest === undefined || expires < earliest)) earliest = expires;
  }
  return earliest;
}
