import type { JsonObject } from "framegate/policy";
import { createLens, type LensHooks } from "../lib/lens.ts";
import type { AnySession, LensHandlers, ProtocolParts } from "../lib/protocol.ts";
import { agreedSubprotocol } from "../lib/subprotocols.ts";
import { createStompDialects, STOMP_FOREIGN } from "./dialect.ts";
import type { StompProtocol } from "./frame-types.ts";

export type * from "./frame-types.ts";

const KINDS = {
  client: [
    "connect",
    "send",
    "subscribe",
    "unsubscribe",
    "begin",
    "commit",
    "abort",
    "ack",
    "nack",
    "disconnect",
  ],
  server: ["connected", "message", "receipt", "error"],
  both: [],
} as const satisfies ProtocolParts<StompProtocol>["kinds"];

/**
 * STOMP 1.1 and 1.2 over WebSocket, the subprotocols `v11.stomp` and `v12.stomp`. What is no STOMP ends the connection: nobody could
 * say where the next frame begins.
 */
export function stomp<Options = JsonObject, Session extends object = AnySession>(
  handlers: LensHandlers<StompProtocol, Options, Session>,
): LensHooks<Options, Session> {
  const parts: ProtocolParts<StompProtocol> = {
    name: "stomp",
    kinds: KINDS,
    ...agreedSubprotocol(["v12.stomp", "v11.stomp"], STOMP_FOREIGN),
    // The server says of what version the frames of both sides are.
    readsBoth: true,
    ...createStompDialects(KINDS),
  };
  return createLens<StompProtocol, Options, Session>(parts, handlers, {});
}
