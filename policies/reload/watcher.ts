import { existsSync } from "node:fs";
import { realpath, stat } from "node:fs/promises";
import { resolve, sep } from "node:path";
import type { FSWatcher } from "chokidar";
import { messageOf, PoliciesError } from "../error.ts";
import { showPath } from "../shown-path.ts";
import { createQuiet } from "./quiet.ts";
import { createTally } from "./tally.ts";

export interface WatcherOptions {
  /** The folder; it need not exist, and may come, go and be replaced. */
  readonly dir: string;
  /** How often `onProblem` is told. */
  readonly problemEveryMs?: number;
  /** Something in the folder or in a followed file is new. Look at all of it: which file it was is not said. */
  onChange(): void;
  /** A part of it cannot be watched. The rest is. Told once in a while, however many parts there are. */
  onProblem(problem: PoliciesError): void;
}

export interface Watcher {
  /** Watch these files as well, in place of those of the call before. They may be anywhere, and need not exist. */
  follow(files: Iterable<string>): void;
  close(): Promise<void>;
}

const PROBLEM_EVERY_MS = 10_000;
const QUIET_MS = 30;
const MAX_WAIT_MS = 250;
/** What the system does not tell of is looked at so often. */
const CHECK_MS = 500;

/** Settles when every later change is going to be seen. */
export async function createWatcher(options: WatcherOptions): Promise<Watcher> {
  const dir = resolve(options.dir);
  const quiet = createQuiet(options.onChange, { quietMs: QUIET_MS, maxWaitMs: MAX_WAIT_MS });
  let followed: ReadonlySet<string> = new Set();
  /**
   * Those of them that are not there, outside of the folder. chokidar would go through everything beside such a file
   * whenever anything there comes or goes, and next to a policy folder that may be logs and databases.
   */
  let awaited: ReadonlySet<string> = new Set();
  let lastCause: unknown;
  const countProblem = createTally(options.problemEveryMs ?? PROBLEM_EVERY_MS, (count) =>
    options.onProblem(watchProblem(dir, lastCause, count)),
  );
  let identity = await identityOf(dir);
  let watching: FSWatcher | undefined = await open();
  let isClosed = false;
  let checking = Promise.resolve();
  let nextCheck = planCheck();

  async function open(): Promise<FSWatcher> {
    const { watch } = await import("chokidar");
    const watcher = watch([dir, ...watched()], { ignored: isIgnored, atomic: false });
    watcher.on("error", (cause) => {
      lastCause = cause;
      countProblem();
    });
    await new Promise<void>((ready) => watcher.once("ready", ready));
    watcher.on("all", quiet.signal);
    return watcher;
  }

  /** A package installed in the folder is thousands of files; only those in a bundle matter, and they are followed. */
  function isIgnored(path: string): boolean {
    if (followed.has(path) || !path.startsWith(dir + sep)) return false;
    const parts = path.slice(dir.length + 1).split(sep);
    return parts.includes("node_modules") || parts.includes(".git");
  }

  function watched(): string[] {
    return [...followed].filter((file) => !awaited.has(file));
  }

  function follow(files: Iterable<string>): void {
    const before = new Set(watched());
    followed = new Set(files);
    awaited = new Set([...followed].filter((file) => isOutside(dir, file) && !existsSync(file)));
    const now = new Set(watched());
    watching?.unwatch([...before].filter((file) => !now.has(file) && isOutside(dir, file)));
    watching?.add([...now].filter((file) => !before.has(file)));
  }

  function planCheck(): NodeJS.Timeout {
    return setTimeout(() => (checking = check()), CHECK_MS).unref();
  }

  async function check(): Promise<void> {
    await checkIdentity();
    if (isClosed) return;
    if ([...awaited].some((file) => existsSync(file))) {
      follow(followed);
      quiet.signal();
    }
    nextCheck = planCheck();
  }

  /**
   * chokidar stays with the folder it began with when a symlink on the way to it is pointed elsewhere, or when another
   * folder is renamed over it: a deployment done by `ln -sfn`, say. Then watch what is there now.
   */
  async function checkIdentity(): Promise<void> {
    const current = await identityOf(dir);
    if (current !== identity && !isClosed) {
      identity = current;
      // Closed first: two watchers of one path share what chokidar has open for it, which is the folder of before.
      await stopWatching();
      watching = await open();
      watching.add(watched());
      quiet.signal();
    }
  }

  /** chokidar throws at one who adds to what is closed. */
  async function stopWatching(): Promise<void> {
    const closing = watching?.close();
    watching = undefined;
    await closing;
  }

  return {
    follow,
    async close() {
      isClosed = true;
      clearTimeout(nextCheck);
      await checking;
      await stopWatching();
      quiet.cancel();
    },
  };
}

async function identityOf(dir: string): Promise<string> {
  try {
    const { dev, ino } = await stat(dir, { bigint: true });
    return `${await realpath(dir)} ${dev} ${ino}`;
  } catch {
    return "";
  }
}

function isOutside(dir: string, file: string): boolean {
  return !file.startsWith(dir + sep);
}

function watchProblem(dir: string, cause: unknown, count: number): PoliciesError {
  const { code } = cause as NodeJS.ErrnoException;
  const advice =
    code === "ENOSPC" || code === "EMFILE"
      ? "the system's limit on watched files is reached: raise fs.inotify.max_user_watches and max_user_instances"
      : messageOf(cause);
  const times = count === 1 ? "" : `, ${count} times`;
  const message = `${showPath(dir)} cannot be watched for changes${times}: ${advice}`;
  return new PoliciesError("ERR_POLICY_WATCH", message, { cause });
}
