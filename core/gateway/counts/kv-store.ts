import { createMemoryKv, createRedisKv, type KvStore } from "../../../sandbox/index.ts";
import type { GatewayConfig } from "../../config/index.ts";
import type { EmitEvent } from "../../events.ts";
import type { FleetStore } from "../../fleet/store.ts";
import { openOwnKv } from "../../workers/own-kv.ts";

/**
 * What the supervisor keeps for all workers: in the fleet's Redis, or in its memory. A Redis of its own (`kv.url`) is asked
 * by each worker itself, and here only when there are none.
 */
export function openKv(
  { workers, kv }: Pick<GatewayConfig, "workers" | "kv">,
  fleet: FleetStore | undefined,
  emit: EmitEvent,
): KvStore {
  if (kv.url !== undefined) return workers > 0 ? createMemoryKv() : openOwnKv(kv.url, emit);
  if (fleet === undefined) return createMemoryKv();
  // The link is the fleet's, and ends with it.
  return createRedisKv(fleet, { prefix: `${fleet.name}:kv:`, close: async () => {} });
}
