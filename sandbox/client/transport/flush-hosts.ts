import type { Host } from "./host.ts";

/** One that is in this process runs what it is sent within its flush: the others are at work meanwhile. */
export function flushHosts(hosts: readonly Host[]): void {
  for (const host of hosts) if (host.pid !== process.pid) host.flush();
  for (const host of hosts) if (host.pid === process.pid) host.flush();
}
