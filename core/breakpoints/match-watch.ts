/** What a breakpoint may take of each second of a worker. */
export const MOST_MATCHING_MS = 50;
const WINDOW_MS = 1_000;
/** A message that is not looked through after so many goes is not looked through in time. */
const MOST_GOES = 4;

export interface MatchWatch {
  /** @param ask undefined: to be asked again; or it throws, as it takes too long */
  matches(ask: () => boolean | undefined): boolean;
  /** For how many it could not be said in time. */
  readonly slow: number;
}

/** So that no message of a client, whatever the filter, takes a worker from all the others: what is too slow to match does not. */
export function createMatchWatch(read: () => number = () => performance.now()): MatchWatch {
  let slow = 0;
  let windowEnd = 0;
  let spentMs = 0;
  return {
    matches(ask) {
      const start = read();
      if (start >= windowEnd) {
        windowEnd = start + WINDOW_MS;
        spentMs = 0;
      }
      const answer = spentMs > MOST_MATCHING_MS ? undefined : askInTime(ask);
      spentMs += read() - start;
      if (answer === undefined) slow++;
      return answer ?? false;
    },
    get slow() {
      return slow;
    },
  };
}

function askInTime(ask: () => boolean | undefined): boolean | undefined {
  try {
    for (let go = 0; go < MOST_GOES; go++) {
      const answer = ask();
      if (answer !== undefined) return answer;
    }
  } catch {
    // A pattern that takes too long.
  }
  return undefined;
}
