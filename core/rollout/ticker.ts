export interface TickerOptions {
  /** Until the next tick; undefined: there is nothing to look at. */
  pauseMs(): number | undefined;
  tick(): Promise<void>;
}

/** Looks again and again while there is something to look at, one time after the other. */
export interface Ticker {
  /** There may be something now. */
  go(): void;
  /** There is something, and it is not to wait. */
  wake(): void;
  stop(): void;
}

export function createTicker({ pauseMs, tick }: TickerOptions): Ticker {
  let timer: NodeJS.Timeout | undefined;
  let isTicking = false;
  let isWoken = false;
  let isStopped = false;

  function go(): void {
    const pause = pauseMs();
    if (isStopped || isTicking || timer !== undefined || pause === undefined) return;
    timer = setTimeout(beat, isWoken ? 0 : pause).unref();
    isWoken = false;
  }

  async function beat(): Promise<void> {
    isTicking = true;
    await tick().finally(() => {
      isTicking = false;
      timer = undefined;
      go();
    });
  }

  return {
    go,
    wake() {
      isWoken = true;
      if (isTicking) return;
      clearTimeout(timer);
      timer = undefined;
      go();
    },
    stop() {
      isStopped = true;
      clearTimeout(timer);
    },
  };
}
