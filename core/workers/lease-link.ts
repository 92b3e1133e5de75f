import type { AskBook, Claim, Lease } from "../../sandbox/index.ts";

/** The book of rates lies with the supervisor; a worker asks for it over its channel. */
export interface LeaseQuestion {
  readonly id: number;
  readonly claims: readonly Claim[];
}

export interface LeaseAnswer {
  readonly id: number;
  readonly leases: readonly Lease[];
}

/** The worker's side. The supervisor answers each, or is gone. */
export function createDistantBook(send: (question: LeaseQuestion) => void): {
  readonly ask: AskBook;
  take(answer: LeaseAnswer): void;
} {
  const waiting = new Map<number, (leases: readonly Lease[]) => void>();
  let lastId = 0;
  return {
    ask(claims) {
      const id = ++lastId;
      return new Promise((resolve) => {
        waiting.set(id, resolve);
        send({ id, claims });
      });
    },
    take({ id, leases }) {
      waiting.get(id)?.(leases);
      waiting.delete(id);
    },
  };
}
