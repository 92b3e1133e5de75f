import type { ConnectionEnd, RedisConnection } from "./connection.ts";
import type { Outage } from "./outage.ts";
import { openServerLink } from "./server-link.ts";
import type { Topology } from "./topology.ts";

const PART = "server";

/** One server, which each attempt finds anew: the same, or whom sentinels name. */
export function openSingle(
  connect: (end: ConnectionEnd) => Promise<RedisConnection>,
  outage: Outage,
): Topology {
  const link = openServerLink({
    connect,
    onReady: () => outage.recover(PART),
    onLost: (reason) => outage.lose(PART, reason),
  });
  return {
    send: (command) => link.send(command),
    connectAny: connect,
    isUp: link.isUp,
    close: link.close,
  };
}
