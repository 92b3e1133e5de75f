/** A task that never runs twice at a time and never misses a request. */
export interface Rerun {
  /** Run the task, after the run under way if there is one. Settles with the end of a run that began after this call. */
  request(): Promise<void>;
  /** Settles when no run is under way or asked for. */
  idle(): Promise<void>;
}

/** However many requests come during a run, one more run follows it: it sees the newest state. */
export function createRerun(task: () => Promise<void>): Rerun {
  let current: Promise<void> | undefined;
  let next: Promise<void> | undefined;

  function start(): Promise<void> {
    next = undefined;
    const run = task().finally(() => {
      if (current === run) current = undefined;
    });
    current = run;
    return run;
  }

  return {
    request() {
      if (next) return next;
      if (!current) return start();
      next = current.then(start, start);
      return next;
    },
    async idle() {
      while (current || next) await (next ?? current)?.catch(() => {});
    },
  };
}

/** Runs tasks, `width` of them at a time, in the order they came. */
export function createGate(width: number): <T>(task: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let running = 0;

  return async (task) => {
    if (running === width) await new Promise<void>((enter) => waiting.push(enter));
    else running++;
    try {
      return await task();
    } finally {
      // The place goes to the next in line without becoming free, or a newcomer could take it.
      const enter = waiting.shift();
      if (enter) enter();
      else running--;
    }
  };
}
