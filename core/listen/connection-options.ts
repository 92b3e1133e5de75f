import { KEEP_ALIVE_MS } from "../net/keep-alive.ts";
import type { Handle } from "./address-handle.ts";

/** As Node's HTTP server would accept them: sessions pass half-closed connections on. */
export const CONNECTION = { allowHalfOpen: true } as const;

/** What a door sets for each connection. */
export const PER_CONNECTION = {
  noDelay: true,
  keepAlive: true,
  keepAliveInitialDelay: KEEP_ALIVE_MS,
} as const;

/** The same for all connections that will come, where the system hands on what is set for an address: Linux does. */
export function presetConnections(handle: Handle): boolean {
  if (process.platform !== "linux") return false;
  return handle.setNoDelay(true) === 0 && handle.setKeepAlive(true, KEEP_ALIVE_MS / 1000) === 0;
}
