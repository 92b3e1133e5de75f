/** Who of a connection: whose messages, and which of its two legs. */
export type Side = "client" | "server";

export type HookName = "upgrade" | "unavailable" | "client" | "server" | "tick" | "renew" | "close";

export interface Payload {
  readonly binary: boolean;
  readonly bytes: Uint8Array;
}
