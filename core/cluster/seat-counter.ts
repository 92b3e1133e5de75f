/**
 * How many seats sessions have in each policy. A policy that has left every chain is still called by the messages that
 * were under way, and by the `close` hooks of sessions that have just ended.
 */
export interface SeatCounter {
  has(policy: string): boolean;
  /** The places of one session. */
  open(): {
    take(policy: string): void;
    /** @returns whether a policy has no seats any more */
    leave(): boolean;
  };
}

export function createSeatCounter(): SeatCounter {
  const counts = new Map<string, number>();

  function add(policy: string, more: number): void {
    const count = (counts.get(policy) ?? 0) + more;
    if (count === 0) counts.delete(policy);
    else counts.set(policy, count);
  }

  return {
    has: (policy) => counts.has(policy),
    open() {
      const taken: string[] = [];
      return {
        take(policy) {
          taken.push(policy);
          add(policy, 1);
        },
        leave() {
          const left = taken.splice(0);
          for (const policy of left) add(policy, -1);
          return left.some((policy) => !counts.has(policy));
        },
      };
    },
  };
}
