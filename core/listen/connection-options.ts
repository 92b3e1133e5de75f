import type { Handle } from "./address-handle.ts";

/** As Node's HTTP server would accept them: sessions pass half-closed connections on. */
export const CONNECTION = { allowHalfOpen: true } as const;

const KEEP_ALIVE_SECONDS = 60;

/**
 * What a door sets for each connection. A peer that has vanished without a word would else be waited for as long as nobody has
 * anything to say to it: TCP asks one that is silent for so long whether it is still there.
 */
export const PER_CONNECTION = {
  noDelay: true,
  keepAlive: true,
  keepAliveInitialDelay: KEEP_ALIVE_SECONDS * 1000,
} as const;

/** The same for all connections that will come, where the system hands on what is set for an address: Linux does. */
export function presetConnections(handle: Handle): boolean {
  if (process.platform !== "linux") return false;
  return handle.setNoDelay(true) === 0 && handle.setKeepAlive(true, KEEP_ALIVE_SECONDS) === 0;
}
