import { endIdleEsbuild } from "../../policies/bundle/esbuild.ts";
import { giveBackHeap } from "../../sandbox/heap-room.ts";
import type { WorkerPool } from "../workers/worker-pool.ts";

/** What comes with the start has come. */
const CALM_MS = 1000;

/**
 * A gateway that has started gives back what only its start has needed: the process of esbuild, of which a save starts
 * another, and room in V8's heap: of workers that have no sessions yet, and of the supervisor.
 *
 * @param ownsProcess else the heap of this process is a program's, which a collection would hold up for as long as it is large
 */
export function settleDown(pool: Pick<WorkerPool, "settle">, ownsProcess: boolean): NodeJS.Timeout {
  return setTimeout(() => {
    endIdleEsbuild().catch(() => {}); // one that cannot be ended is gone
    pool.settle();
    if (ownsProcess) giveBackHeap();
  }, CALM_MS).unref();
}
