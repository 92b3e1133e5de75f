import { createMemoryKv, createRedisKv, type KvStore } from "../../sandbox/index.ts";
import type { GatewayConfig } from "../config/index.ts";
import type { Logger } from "../log.ts";

/** In memory it is this process's, for all workers. Redis they ask themselves, but when there are none. */
export async function openKv({ workers, kv }: GatewayConfig, logger: Logger): Promise<KvStore> {
  if (kv.url === undefined || workers > 0) return createMemoryKv();
  return createRedisKv(kv.url, { onProblem: (text) => logger.error(text) });
}
