import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { endIdleEsbuild } from "../../policies/bundle/esbuild.ts";

/** What comes with the start has come. */
const CALM_MS = 1000;

/**
 * A gateway that has started gives back what only its start has needed: the process of esbuild, of which a save starts
 * another, and the room in V8's heap in which config and policies were read, which nothing would come to make it give up.
 * Of a supervisor: sessions would feel the pause.
 */
export function settleDown(): NodeJS.Timeout {
  return setTimeout(() => {
    endIdleEsbuild().catch(() => {}); // one that cannot be ended is gone
    giveBackHeap();
  }, CALM_MS).unref();
}

function giveBackHeap(): void {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as NodeJS.GCFunction;
  setFlagsFromString("--no-expose-gc");
  collect({ type: "major", execution: "sync", flavor: "last-resort" });
}
