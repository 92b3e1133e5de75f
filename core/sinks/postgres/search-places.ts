/** Searches: so many at once, and so many that wait for one of them to end. */
export interface SearchPlaces {
  /** @returns undefined where too many wait already */
  run<Result>(work: () => Promise<Result>): Promise<Result> | undefined;
}

export function createSearchPlaces(mostRunning: number, mostWaiting: number): SearchPlaces {
  const waiting: (() => void)[] = [];
  let running = 0;

  return {
    run<Result>(work: () => Promise<Result>) {
      if (running === mostRunning && waiting.length >= mostWaiting) return undefined;
      return begin(work);
    },
  };

  async function begin<Result>(work: () => Promise<Result>): Promise<Result> {
    // Who ends hands over its place.
    if (running === mostRunning) await new Promise<void>((resolve) => waiting.push(resolve));
    else running++;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) running--;
      else next();
    }
  }
}
