import type { ChallengeAnswers } from "./order.ts";

type Answer = (answers: ChallengeAnswers) => Promise<void>;

/** Orders at several authorities: each says what is answered for itself, and together it is what all of them say. */
export function mergeAnswers(answer: Answer): () => Answer {
  const all = new Map<symbol, ChallengeAnswers>();
  let last: Promise<void> = Promise.resolve();

  return () => {
    const order = Symbol("order");
    return (answers) => {
      if (Object.keys(answers).length === 0) all.delete(order);
      else all.set(order, answers);
      // One after the other: what was said last holds.
      const told = last.then(() => answer(Object.assign({}, ...all.values())));
      last = told.catch(() => {});
      return told;
    };
  };
}
