import { type StatsListener, unwatchFile, watchFile } from "node:fs";
import { createQuiet } from "../policies/reload/quiet.ts";

export interface FileWatch {
  /** Watch these files in place of those of the call before. They need not exist. */
  follow(files: Iterable<string>): void;
  close(): void;
}

const INTERVAL_MS = 500;
/** Certificate and key are two files: what renews them must have the time to write both. */
const QUIET_MS = 200;
const MAX_WAIT_MS = 2000;

/**
 * Says when one of a few files has changed. It looks at them now and then, rather than be told by the system, because
 * that sees what certificate tools and Kubernetes do as well: a symlink on the way pointed elsewhere.
 */
export function createFileWatch(onChange: () => void): FileWatch {
  const quiet = createQuiet(onChange, { quietMs: QUIET_MS, maxWaitMs: MAX_WAIT_MS });
  const onStat: StatsListener = () => quiet.signal();
  let followed: ReadonlySet<string> = new Set();

  return {
    follow(files) {
      const before = followed;
      followed = new Set(files);
      for (const file of before) if (!followed.has(file)) unwatchFile(file, onStat);
      for (const file of followed) {
        if (!before.has(file)) watchFile(file, { persistent: false, interval: INTERVAL_MS }, onStat);
      }
    },
    close() {
      for (const file of followed) unwatchFile(file, onStat);
      followed = new Set();
      quiet.cancel();
    },
  };
}
