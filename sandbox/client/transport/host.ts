import type { CallsEncoder } from "../../wire/calls.ts";
import type { ClientMessage, HostMessage } from "../../wire/control.ts";
import type { FrameWriter } from "../../wire/frames.ts";
import type { JournalNote } from "../../wire/journal.ts";

/**
 * What holds isolates, as the client sees it. There are two transports: a process of its own behind a socket
 * (`process/host-process.ts`), and this process itself, without any hop (`embedded-host.ts`). Both are handed the same frames, but
 * that the second takes a call that is alone without one (`takeLone`). What comes back is read with the same care.
 */
export interface Host {
  /** Of the process that it is in. */
  readonly pid: number;
  /** Frames of this turn; `flush` sends them. */
  readonly out: FrameWriter;
  flush(): void;
  /**
   * Of one that is in this process: takes what is one call without a frame, until the flush, before all that is in `out` then.
   *
   * @returns false: it is to go by a frame
   */
  takeLone?(batch: CallsEncoder, instance: number): boolean;
  send(message: ClientMessage): void;
  /** From now on frames and the end of the host are told to this one. */
  attach(listener: HostListener): void;
  /** What it noted before it entered an isolate for the last time. */
  readJournal(): JournalNote;
  /** It ends at once, whatever it is in. The listener hears nothing more. */
  kill(): void;
  readonly exited: Promise<void>;
}

export interface HostListener {
  onMessage(message: HostMessage): void;
  /** It is sent something to do. A ping is none. */
  onWork(): void;
  onResults(bytes: Buffer, start: number, end: number): void;
  onAsk(bytes: Buffer, start: number, end: number): void;
  /**
   * @param detail The last lines of its stderr, if it has one.
   * @param reason `nonsense`: nothing that it said is to be trusted.
   */
  onExit(detail: string, reason: "exited" | "nonsense"): void;
}
