/**
 * How many seats sessions have in each policy. A policy that has left every chain is still called by the messages that
 * were under way, and by the `close` hooks of sessions that have just ended.
 */
export interface SeatCounter {
  has(policy: string): boolean;
  /** The places of one session. */
  open(): { take(policy: string): void; leave(): void };
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
          for (const policy of taken.splice(0)) add(policy, -1);
        },
      };
    },
  };
}
