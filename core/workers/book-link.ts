/** The books of rates lie with the supervisor, and so does what the fleet has authorities answered; a worker asks for them over its channel. */
export interface BookQuestion<Asked> {
  readonly id: number;
  readonly asked: readonly Asked[];
}

export interface BookAnswer<Told> {
  readonly id: number;
  readonly told: readonly Told[];
}

/** The worker's side. The supervisor answers each, or is gone. */
export function createDistantBook<Asked, Told>(
  send: (question: BookQuestion<Asked>) => void,
): {
  ask(asked: readonly Asked[]): Promise<readonly Told[]>;
  take(answer: BookAnswer<Told>): void;
} {
  const waiting = new Map<number, (told: readonly Told[]) => void>();
  let lastId = 0;
  return {
    ask(asked) {
      const id = ++lastId;
      return new Promise((resolve) => {
        waiting.set(id, resolve);
        send({ id, asked });
      });
    },
    take({ id, told }) {
      waiting.get(id)?.(told);
      waiting.delete(id);
    },
  };
}
