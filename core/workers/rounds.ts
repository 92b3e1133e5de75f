import { setTimeout as delay } from "node:timers/promises";

/**
 * Asks several the same, round after round, and waits for none of them longer than this: an answer that comes late counts
 * in a later round, and whoever owes one is neither asked again nor waited for.
 */
export class Rounds<Asked, Answer> {
  readonly #withinMs: number;
  readonly #question: (asked: Asked) => Promise<Answer>;
  readonly #owing = new Set<Asked>();
  readonly #answers: Answer[] = [];

  constructor(withinMs: number, question: (asked: Asked) => Promise<Answer>) {
    this.#withinMs = withinMs;
    this.#question = question;
  }

  async ask(all: Iterable<Asked>): Promise<readonly Answer[]> {
    const round = [...all].filter((each) => !this.#owing.has(each)).map((each) => this.#take(each));
    const over = new AbortController();
    const { signal } = over;
    await Promise.race([Promise.all(round), delay(this.#withinMs, undefined, { signal })]);
    over.abort();
    return this.#answers.splice(0);
  }

  async #take(asked: Asked): Promise<void> {
    this.#owing.add(asked);
    try {
      this.#answers.push(await this.#question(asked));
    } catch {
      // One that has gone has no answer.
    } finally {
      this.#owing.delete(asked);
    }
  }
}
