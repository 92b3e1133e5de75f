import type { FrameScanner } from "../../wire/frame-scanner.ts";
import type { FlowResult, FlowTrace } from "./flow-trace.ts";
import type { HookNote } from "./hook-note.ts";

/** Takes what a session's traffic is, if somebody wants it: by who sent it. Nothing of it is kept after the call. */
export interface TrafficTap {
  readonly client: TrafficSink;
  readonly server: TrafficSink;
  /** A hook that no message is given to has said something. */
  hook(note: HookNote): void;
}

export interface TrafficSink {
  /** So much of a payload is wanted, in bytes. */
  readonly keepBytes: number;
  /** Whole frames, as they were on the wire, that passed as they came. None has more payload than is kept. */
  frames(run: FrameRun): void;
  /** One frame that is long, came in pieces, or did not go on. */
  frame(frame: TappedFrame): void;
  /**
   * A message that policies read, when it is to leave, or will not.
   *
   * @returns takes how it left, in the same turn; undefined: nothing of it leaves
   */
  message(trace: FlowTrace, result: FlowResult): ((written: MessageHandover) => void) | undefined;
}

/** A message that is with the receiver's socket. */
export interface MessageHandover {
  /** Since it was to leave. */
  readonly writeMs: number;
  /** What that socket holds, for the receiver has not taken it yet. */
  readonly unsentBytes: number;
}

/** `chunk[from..to)`: so many frames, one behind the other. */
export interface FrameRun {
  readonly chunk: Buffer;
  readonly from: number;
  readonly to: number;
  readonly count: number;
  /** When they came, ms since 1970. */
  readonly time: number;
}

export interface TappedFrame {
  /** The header's fields are those of the scanner now. */
  readonly header: FrameScanner;
  /** The start of the payload as on the wire, at most `keepBytes`. */
  readonly payload: Uint8Array;
  /** When its last byte came, ms since 1970. */
  readonly time: number;
  readonly isDropped: boolean;
}
