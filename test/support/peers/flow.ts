import { setTimeout as delay } from "node:timers/promises";
import type { TestClient } from "./peers.ts";

/** Counts in its `session`, so that a lost or doubled message, and lost state, shows in the answer. */
export const counter = `
  const count = ({ content, session }) => {
    session.count = (session.count ?? 0) + 1;
    return { content: { body: content.body + " " + session.count } };
  };`;

export interface Flow {
  /** Settles when so many more answers have come. */
  progress(answers: number): Promise<void>;
  /** Stop sending; settles with the number of answers when the last has come. Rejects when one is not as it must be. */
  finish(): Promise<number>;
}

/**
 * Sends 1, 2, 3… with some on their way at a time, to a policy that appends its count, before an echo: the answers
 * must be "1 1", "2 2", "3 3"…
 *
 * @param pauseMs between an answer and the next message, where the flow goes on beside something long, from which one as fast as it
 *   can go would take the machine
 */
export function startFlow(client: TestClient, inFlight = 16, pauseMs = 0): Flow {
  let sent = 0;
  let answered = 0;
  let isOver = false;
  const waiting = new Set<() => void>();

  const running = (async () => {
    while (!isOver || answered < sent) {
      if (pauseMs > 0) await delay(pauseMs);
      while (!isOver && sent - answered < inFlight) client.send(String(++sent));
      const answer = await Promise.race([client.next(), client.closed]);
      if (answer !== `${answered + 1} ${answered + 1}`)
        throw new Error(`after ${answered} answers came ${JSON.stringify(answer)}`);
      answered++;
      for (const look of waiting) look();
    }
    return answered;
  })();
  running.catch(() => {});

  return {
    progress(answers) {
      const goal = answered + answers;
      const reached = new Promise<void>((resolve) => {
        const look = (): void => {
          if (answered < goal) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
      });
      return Promise.race([reached, running.then(() => {})]);
    },
    finish() {
      isOver = true;
      return running;
    },
  };
}
