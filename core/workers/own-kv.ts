import { createRedisKv, type KvStore, openRedisLink } from "../../sandbox/index.ts";
import type { EmitEvent } from "../events.ts";

/** Of `kv.url`: this process asks Redis itself, without a way by the supervisor. */
export function openOwnKv(url: string, emit: EmitEvent): KvStore {
  const { pid } = process;
  const link = openRedisLink({
    url,
    onLost: (reason) => emit({ type: "kv-lost", pid, reason }),
    onBack: () => emit({ type: "kv-back", pid }),
  });
  return createRedisKv(link, { prefix: "framegate:kv:", close: link.close });
}
