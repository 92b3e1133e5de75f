import type { ServerOptions } from "node:http";
import type { ListenerConfig } from "../config/index.ts";

/** How Node's server gives up, with 408, on a client that does not send the head of its request. */
export function headTimeout({
  handshakeTimeoutMs,
}: Pick<ListenerConfig, "handshakeTimeoutMs">): ServerOptions {
  if (handshakeTimeoutMs === 0) return { headersTimeout: 0 };
  return {
    headersTimeout: handshakeTimeoutMs,
    // The whole request must not have less time than its head.
    requestTimeout: Math.max(handshakeTimeoutMs, WHOLE_REQUEST_MS),
    connectionsCheckingInterval: Math.min(1000, Math.max(20, Math.floor(handshakeTimeoutMs / 4))),
  };
}

/** Node's own. */
const WHOLE_REQUEST_MS = 300_000;
