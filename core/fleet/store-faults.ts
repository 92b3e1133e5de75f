import { RedisError } from "../../sandbox/index.ts";

/** Who waits for an answer of a book does not wait longer for a store that gives none. */
export const ANSWER_PATIENCE_MS = 250;

/** A link that takes no more now is none that is lost. */
export function isBusy(error: unknown): boolean {
  return error instanceof RedisError && error.code === "ERR_REDIS_BUSY";
}
