import type { Side } from "../../../sandbox/contract.ts";
import type { DecidedClose, IntakeOptions } from "../flow/message-intake.ts";
import type { PumpDeflate } from "./pump-deflate.ts";
import type { OutletOptions, OutletOwner } from "./pump-outlet.ts";

/** What a pump and its parts are made with. */
export interface PumpOptions extends IntakeOptions, OutletOptions {
  readonly deflate: PumpDeflate;
  readonly clock: PumpClock;
  /** Payload of the pongs that answer the gateway's own pings and end here; undefined when it sends none. */
  readonly ownPong: Buffer | undefined;
  readonly owner: PumpOwner;
}

/** Coarse, and so free to read with each chunk. */
export interface PumpClock {
  readonly now: number;
}

export interface PumpOwner extends OutletOwner {
  /** The sender's Close frame has come, or would mean nothing any more because the sender broke the protocol. */
  onCloseReceived(origin: Side): void;
  /** The connection has to end, for what this direction has met. */
  onCloseDecided(origin: Side, close: DecidedClose): void;
}
