/** Tells when something is waited for and nothing comes. */
export interface SilenceWatch {
  /** Something is waited for. */
  begin(): void;
  /** It has come, in whatever way. */
  end(): void;
  close(): void;
}

/** One look, a share of the patience after the one before. */
export interface Look {
  readonly hasCome: boolean;
  /** Since the look before. */
  readonly elapsedMs: number;
}

const LOOKS = 6;

/** @param onSilent once */
export function watchSilence(patienceMs: number, onSilent: () => void): SilenceWatch {
  const everyMs = patienceMs / LOOKS;
  let waiting = 0;
  let hasCome = false;
  let silent = 0;
  let lastLook = 0;
  let timer: NodeJS.Timeout | undefined;

  function stop(): void {
    clearInterval(timer);
    timer = undefined;
  }

  function look(): void {
    if (timer === undefined) return;
    const now = performance.now();
    silent = countSilence(silent, { hasCome, elapsedMs: now - lastLook }, everyMs);
    lastLook = now;
    hasCome = false;
    if (silent < LOOKS) return;
    stop();
    onSilent();
  }

  return {
    begin() {
      if (waiting++ > 0) return;
      silent = 0;
      lastLook = performance.now();
      // What has come meanwhile is read before `setImmediate`.
      timer = setInterval(() => setImmediate(look), everyMs);
    },
    end() {
      hasCome = true;
      if (--waiting === 0) stop();
    },
    close: stop,
  };
}

/** Looks in a row at which nothing had come. A process that did not run itself in between cannot know, and goes on counting. */
export function countSilence(silent: number, { hasCome, elapsedMs }: Look, everyMs: number): number {
  if (hasCome) return 0;
  return elapsedMs < 2 * everyMs ? silent + 1 : silent;
}
