import type { ExecutionContext } from "ava";
import { createWatcher, type Watcher } from "../../../policies/reload/watcher.ts";
import { createSignal } from "../signal.ts";

export interface Watching {
  readonly watcher: Watcher;
  /** Settles with the first report after this call. */
  change(): Promise<void>;
}

export async function startWatching(t: ExecutionContext, dir: string): Promise<Watching> {
  const signal = createSignal();
  let reports = 0;
  const watcher = await createWatcher({
    dir,
    onChange() {
      reports++;
      signal.raise();
    },
    onProblem: (problem) => t.fail(problem.message),
  });
  t.teardown(() => watcher.close());
  return {
    watcher,
    change() {
      const before = reports;
      return signal.until(() => reports > before, "a report of the change");
    },
  };
}
