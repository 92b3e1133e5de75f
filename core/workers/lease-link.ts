import type { Lease, SettleSpendings, Spending } from "../leases/rate-book.ts";

/** The book of rates lies with the supervisor; a worker settles with it over its channel. */
export interface LeaseQuestion {
  readonly id: number;
  readonly spendings: readonly Spending[];
}

export interface LeaseAnswer {
  readonly id: number;
  readonly leases: readonly Lease[];
}

/** The worker's side. The supervisor answers each, or is gone. */
export function createDistantBook(send: (question: LeaseQuestion) => void): {
  readonly settle: SettleSpendings;
  take(answer: LeaseAnswer): void;
} {
  const waiting = new Map<number, (leases: readonly Lease[]) => void>();
  let lastId = 0;
  return {
    settle(spendings) {
      const id = ++lastId;
      return new Promise((resolve) => {
        waiting.set(id, resolve);
        send({ id, spendings });
      });
    },
    take({ id, leases }) {
      waiting.get(id)?.(leases);
      waiting.delete(id);
    },
  };
}
