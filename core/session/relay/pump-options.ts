import type { Side } from "../../../sandbox/contract/hooks.ts";
import type { CloseStatus } from "../../wire/close-payload.ts";
import type { DecidedClose, IntakeOptions } from "../flow/message-intake.ts";
import type { MessageMeter } from "../meters/message-meter.ts";
import type { TrafficSink } from "../tap/traffic-tap.ts";
import type { SenderLast } from "./control-reader.ts";
import type { OwnFrames } from "./own-frames.ts";
import type { PumpDeflate } from "./pump-deflate.ts";
import type { OutletOptions, OutletOwner, PumpOutlet } from "./pump-outlet.ts";

export interface InletOptions extends IntakeOptions {
  readonly clock: PumpClock;
  readonly meter: MessageMeter;
  /** Payload of the pongs that answer the gateway's own pings and end here; undefined when it sends none. */
  readonly ownPong: Buffer | undefined;
  /** Who wants to know what passes; undefined: nobody. */
  readonly sink: TrafficSink | undefined;
}

/** Coarse, and so free to read with each chunk. */
export interface PumpClock {
  readonly now: number;
}

/** What an inlet lets go on into. */
export interface InletPump {
  readonly outlet: PumpOutlet;
  readonly own: OwnFrames;
  /** A rule of the gateway's ends this direction here. */
  closeHere(close: DecidedClose): void;
  /** The sender has said its last. `isAnswer`: after the gateway's own Close, and so the receiver has had one. */
  onSenderDone(last: SenderLast, isAnswer: boolean): void;
  /** So much has come that it has to be looked at again whether to read on. */
  onPressure(): void;
}

/** What a pump and its parts are made with. */
export interface PumpOptions extends InletOptions, OutletOptions {
  readonly deflate: PumpDeflate;
  readonly owner: PumpOwner;
}

export interface PumpOwner extends OutletOwner {
  /**
   * The sender's Close frame has come, or would mean nothing any more because the sender broke the protocol: then without a
   * status.
   */
  onCloseReceived(origin: Side, status: CloseStatus | undefined): void;
  /** The connection has to end, for what this direction has met. */
  onCloseDecided(origin: Side, close: DecidedClose): void;
}
