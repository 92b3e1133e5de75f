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
  /** A message that policies read, once it has left, or will not. */
  message(trace: FlowTrace, result: FlowResult): void;
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
