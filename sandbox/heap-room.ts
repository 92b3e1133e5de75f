import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** Collects what nobody holds any more in this process's own heap. */
export function findCollector(): NodeJS.GCFunction {
  if (globalThis.gc !== undefined) return globalThis.gc;
  // Not taken back: isolates that this process may come to hold need it too.
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc") as NodeJS.GCFunction;
}

/**
 * Gives back the room in V8's heap in which configs, policies and code were read, which nothing would come to make it give up.
 * A pause of tens of milliseconds, for when nobody is there. What has been compiled stays: whoever comes next would wait for it.
 */
export function giveBackHeap(): void {
  const collect = findCollector();
  setFlagsFromString("--no-flush-bytecode");
  collect({ type: "major", execution: "sync", flavor: "last-resort" });
  setFlagsFromString("--flush-bytecode");
}
