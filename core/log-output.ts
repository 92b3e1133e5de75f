import { write, writeSync } from "node:fs";

/** Takes lines and never throws, nor keeps anybody waiting. */
export interface LogOutput {
  write(line: string): void;
}

export interface LogOutputOptions {
  /** Default: stdout. */
  readonly fd?: number;
  readonly retryMs?: number;
  /** In UTF-16 units, of what waits to be written. */
  readonly maxKept?: number;
  /** Once, when a line could not be written. */
  onFailure(problem: string): void;
  /** All that was kept has been written, and so many lines were lost. */
  onRecovery(lost: number): void;
}

const RETRY_MS = 1000;
/** A pipe whose reader is slow. */
const RETRY_PIPE_MS = 20;
const MAX_KEPT = 4 * 1024 ** 2;

/**
 * What cannot be written, as on a full disk, is kept for a while and tried again: a log is no reason to end, or to stand
 * still. (pino's own output, at the end of a process, waits for a full disk for ever.)
 */
export function createLogOutput(options: LogOutputOptions): LogOutput {
  const { fd = 1, retryMs = RETRY_MS, maxKept = MAX_KEPT } = options;
  let waiting: string[] = [];
  let kept = 0;
  let lost = 0;
  /** Of what waited before: what is left to write. */
  let rest: Buffer | undefined;
  let isBusy = false;
  let isOnItsWay = false;
  let hasFailed = false;
  /** Nobody reads it any more. */
  let isGone = false;

  function next(): void {
    if (rest === undefined) {
      if (waiting.length === 0) return settle();
      rest = Buffer.from(waiting.join(""));
      waiting = [];
      kept = 0;
    }
    isBusy = true;
    isOnItsWay = true;
    const bytes = rest;
    write(fd, bytes, (error, written) => {
      isOnItsWay = false;
      if (error !== null) return fail(error);
      rest = written < bytes.length ? bytes.subarray(written) : undefined;
      next();
    });
  }

  function settle(): void {
    isBusy = false;
    if (!hasFailed) return;
    const count = lost;
    hasFailed = false;
    lost = 0;
    options.onRecovery(count);
  }

  function fail(error: NodeJS.ErrnoException): void {
    if (error.code === "EPIPE") {
      isGone = true;
      return;
    }
    const isSlow = error.code === "EAGAIN";
    setTimeout(next, isSlow ? RETRY_PIPE_MS : retryMs).unref();
    if (isSlow || hasFailed) return;
    hasFailed = true;
    options.onFailure(error.message);
  }

  process.once("exit", () => {
    // What is on its way is not written twice, and what cannot be written is not waited for.
    const last = [...(rest === undefined || isOnItsWay ? [] : [rest]), Buffer.from(waiting.join(""))];
    if (!isGone) writeLast(fd, Buffer.concat(last));
  });

  return {
    write(line) {
      if (isGone) return;
      if (kept + line.length > maxKept) {
        lost++;
        return;
      }
      waiting.push(line);
      kept += line.length;
      if (!isBusy) next();
    },
  };
}

const LAST_TRIES = 50;

function writeLast(fd: number, bytes: Buffer): void {
  let left = bytes;
  for (let tries = 0; left.length > 0 && tries < LAST_TRIES; ) {
    try {
      left = left.subarray(writeSync(fd, left));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") return;
      tries++;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_PIPE_MS);
    }
  }
}
