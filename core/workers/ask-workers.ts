import { methodsOf, type QuestionMethods, questions } from "./requests.ts";
import { Rounds } from "./rounds.ts";
import type { Worker } from "./worker.ts";

/** For how long versions on their way are judged without a worker that does not say how they do in it. */
const TALLY_PATIENCE_MS = 1_000;

type Question = (...args: readonly unknown[]) => Promise<unknown>;

/** What all workers are asked. @param workers those that serve now */
export function askWorkers(workers: () => Iterable<Worker>): QuestionMethods {
  const tallyRounds = new Rounds(TALLY_PATIENCE_MS, (worker: Worker) => worker.tallies());
  return {
    ...methodsOf<QuestionMethods>(questions, async (name, args) => {
      const { merge } = questions[name] as { merge(answers: readonly unknown[]): unknown };
      return merge(await askAll(workers(), (worker) => (worker[name] as Question)(...args)));
    }),
    // Whoever is stuck is to stop no judgement of the rest.
    tallies: async () => questions.tallies.merge(await tallyRounds.ask(workers())),
  };
}

/** A worker that dies meanwhile has no answer. */
export async function askAll<Answer>(
  workers: Iterable<Worker>,
  question: (worker: Worker) => Promise<Answer>,
): Promise<readonly Answer[]> {
  const results = await Promise.allSettled([...workers].map((worker) => question(worker)));
  return results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
}
