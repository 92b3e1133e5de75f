import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { NetAddress } from "../net/address.ts";
import type { EntranceRules, UpgradeRules } from "./entrance.ts";

/** Where requests come in that an HTTP server of somebody else has read, in this process. */
export interface Entry {
  /** Whether a route is to answer it, and nobody else. */
  concerns(request: IncomingMessage): boolean;
  upgrade(request: IncomingMessage, socket: Socket, head: Buffer, rules: UpgradeRules): void;
  /** One that is none for an upgrade. */
  plain(request: IncomingMessage, response: ServerResponse, rules: EntranceRules): void;
  /** Those servers are bound here: no connection to a server may lead there. */
  bind(servers: readonly NetAddress[]): void;
}
