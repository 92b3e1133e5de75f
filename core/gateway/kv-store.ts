import { createMemoryKv, createRedisKv, type KvStore } from "../../sandbox/index.ts";
import type { GatewayConfig } from "../config/index.ts";
import type { EmitEvent } from "../events.ts";

/** In memory it is this process's, for all workers. Redis they ask themselves, but when there are none. */
export async function openKv({ workers, kv }: GatewayConfig, emit: EmitEvent): Promise<KvStore> {
  if (kv.url === undefined || workers > 0) return createMemoryKv();
  const { pid } = process;
  return createRedisKv(kv.url, {
    onLost: (reason) => emit({ type: "kv-lost", pid, reason }),
    onBack: () => emit({ type: "kv-back", pid }),
  });
}
