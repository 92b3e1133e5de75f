import { choice } from "./schema-parts.ts";

/** How far from others a policy runs, in each worker: in the worker itself, in the host process that many share, or in one of its own. */
export type Isolation = "worker" | "shared" | "own";

export function isolationLevel() {
  return choice(["shared", "own", "worker"]);
}
