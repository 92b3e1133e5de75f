export type RedisErrorCode =
  /** No connection, or it was lost before the answer: whether the command was carried out is not known. */
  | "ERR_REDIS_LOST"
  /** The server's memory is full (its `maxmemory`), and the command would need more. */
  | "ERR_REDIS_FULL"
  /** So many commands wait for an answer that no further one is taken. */
  | "ERR_REDIS_BUSY"
  /** The server has answered with another error: nothing was done. */
  | "ERR_REDIS_REFUSED";

/** Its message holds no password. */
export class RedisError extends Error {
  override readonly name = "RedisError";
  readonly code: RedisErrorCode;

  constructor(code: RedisErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

export function lost(cause?: unknown): RedisError {
  return new RedisError("ERR_REDIS_LOST", "no connection to Redis", { cause });
}

/** Whether the server has answered with this error, such as `MOVED`. Scripts put theirs further behind. */
export function isReply(error: unknown, word: string): error is RedisError {
  return error instanceof RedisError && error.code === "ERR_REDIS_REFUSED" && error.message.includes(word);
}
