import { type ConnectionSettings, connectRedis, type RedisConnection } from "./connection.ts";
import { RedisError } from "./errors.ts";
import type { RedisAddress } from "./place.ts";

export interface Asking {
  readonly settings: ConnectionSettings;
  readonly signal: AbortSignal;
}

/** Asks all of them at once, on connections of their own. Rejects with a RedisError when none gives a good answer. */
export async function firstAnswer<T>(
  servers: readonly RedisAddress[],
  { settings, signal }: Asking,
  ask: (connection: RedisConnection, server: RedisAddress) => Promise<T>,
): Promise<T> {
  const done = new AbortController();
  const end = { onLost: () => {}, signal: AbortSignal.any([signal, done.signal]) };
  const answers = servers.map(async (server) => {
    try {
      return await ask(await connectRedis(server, settings, end), server);
    } catch (error) {
      throw new Error(`${nameOf(server)}: ${(error as Error).message}`, { cause: error });
    }
  });
  try {
    return await Promise.any(answers);
  } catch (error) {
    const reasons = (error as AggregateError).errors.map(({ message }: Error) => message);
    throw new RedisError("ERR_REDIS_LOST", reasons.join("; ").slice(0, 500), { cause: error });
  } finally {
    done.abort();
  }
}

export function nameOf(server: RedisAddress): string {
  return "path" in server ? server.path : `${server.host}:${server.port}`;
}
