import { endIdleEsbuild } from "../../policies/bundle/esbuild.ts";
import { giveBackHeap } from "../../sandbox/heap-room.ts";
import type { WorkerPool } from "../workers/worker-pool.ts";

/** What comes with the start has come. */
const CALM_MS = 1000;

/**
 * A gateway that has started gives back what only its start has needed: the process of esbuild, of which a save starts
 * another, and room in V8's heap: of the supervisor, and of workers that have no sessions yet.
 */
export function settleDown(pool: Pick<WorkerPool, "settle">): NodeJS.Timeout {
  return setTimeout(() => {
    endIdleEsbuild().catch(() => {}); // one that cannot be ended is gone
    pool.settle();
    giveBackHeap();
  }, CALM_MS).unref();
}
