import { TrafficError } from "../errors.ts";
import { type TrafficFile, unusable } from "./sqlite-file.ts";
import { describeProblem, isDamage, isNoFile, isPassing } from "./sqlite-problem.ts";

export interface FileAccessOptions {
  readonly path: string;
  /** Milliseconds of a clock that cannot be set. */
  readonly steadyNow: () => number;
  open(): TrafficFile;
  /** Makes it ready. Where that fails, what it holds can be read all the same. */
  onOpen(opened: TrafficFile): void;
}

/** The way to the file: no trouble with the disk gets out of it. */
export interface FileAccess {
  /** What has been written can be read on a full disk too. @returns undefined when it fails */
  read<Result>(work: (opened: TrafficFile) => Result): Result | undefined;
  /** @returns false while the last failure is fresh, and when it fails */
  write(work: (opened: TrafficFile) => void): boolean;
  /** For the one who runs the gateway; empty for none. */
  problem(): string;
  /** It is as it should be. */
  settle(): void;
  /** Nothing of what it holds can be had at the moment. */
  isAway(): boolean;
  /** It is opened anew with the next that is to be done. */
  release(): void;
  close(): void;
}

/** After a failure the file is left alone for so long. */
const RETRY_MS = 1_000;

/** @throws TrafficError `ERR_TRAFFIC_FILE` for a file that can never be used */
export function openFileAccess({ path, steadyNow, open, onOpen }: FileAccessOptions): FileAccess {
  let file: TrafficFile | undefined;
  let problem = "";
  let retryAt = Number.NEGATIVE_INFINITY;
  let isClosed = false;

  try {
    reach();
  } catch (error) {
    if (error instanceof TrafficError) throw error;
    if (isDamage(error)) throw unusable(path, "it is damaged, or no SQLite database", error);
    if (isNoFile(error)) throw unusable(path, "its folder is not there, or it is no file", error);
    fail(error);
  }

  return {
    read,
    write(work) {
      if (steadyNow() < retryAt) return false;
      const done = read((opened) => {
        work(opened);
        return true;
      });
      return done === true;
    },
    problem: () => problem,
    settle() {
      problem = "";
    },
    isAway,
    release,
    close() {
      isClosed = true;
      release();
    },
  };

  function read<Result>(work: (opened: TrafficFile) => Result): Result | undefined {
    if (isClosed || isAway()) return undefined;
    try {
      return work(file ?? reach());
    } catch (error) {
      fail(error);
      return undefined;
    }
  }

  function reach(): TrafficFile {
    file = open();
    onOpen(file);
    return file;
  }

  function isAway(): boolean {
    return file === undefined && steadyNow() < retryAt;
  }

  function fail(error: unknown): void {
    problem = describeProblem(error);
    retryAt = steadyNow() + RETRY_MS;
    // Opened anew, the file may be another one, or be whole again.
    if (!isPassing(error)) release();
  }

  function release(): void {
    try {
      file?.close();
    } catch {
      // What it could not write has been counted, or is the loss of a full disk.
    }
    file = undefined;
  }
}
