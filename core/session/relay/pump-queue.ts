import type { CloseStatus } from "../../wire/close-payload.ts";
import type { MessageFlow } from "../flow/message-flow.ts";
import type { TimedRead } from "../meters/message-meter.ts";

/** Why a Close frame was sent: the sender's own, a protocol fault of the sender's, or the gateway's decision. */
export type CloseCause = "peer" | "wire-fault" | "gateway";

/** What waits, in order, to leave for the receiver. */
export type PumpEntry =
  | { readonly kind: "raw"; readonly bytes: Uint8Array }
  | { readonly kind: "flow"; readonly flow: MessageFlow }
  | { readonly kind: "close"; readonly status: CloseStatus; readonly cause: CloseCause }
  | { readonly kind: "timed"; readonly read: TimedRead }
  | { readonly kind: "fin" };

/**
 * First in, first out; a flow holds up what is behind it until its verdicts are there. Bounded by marks, not refusals. What has
 * left is let go of at once: V8 may have moved the list to where it collects seldom, and all that is still in it with it.
 */
export class PumpQueue {
  #entries: (PumpEntry | undefined)[] = [];
  #head = 0;
  #bytes = 0;
  #isFull = false;

  /** True from the high mark up until it has fallen below half of it. */
  get isFull(): boolean {
    return this.#isFull;
  }

  get isEmpty(): boolean {
    return this.#head === this.#entries.length;
  }

  /** An operator holds the first. */
  get isHeld(): boolean {
    const first = this.#entries[this.#head];
    return first?.kind === "flow" && first.flow.isHeld;
  }

  get bytes(): number {
    return this.#bytes;
  }

  push(entry: PumpEntry): void {
    this.#entries.push(entry);
    this.#count(entry);
  }

  /** In front of the first such flow. @returns false when there is none */
  insertBefore(isMeant: (flow: MessageFlow) => boolean, entry: PumpEntry): boolean {
    const at = this.#entries.findIndex((each) => each?.kind === "flow" && isMeant(each.flow));
    if (at < 0) return false;
    this.#entries.splice(at, 0, entry);
    this.#count(entry);
    return true;
  }

  #count(entry: PumpEntry): void {
    this.#bytes += sizeOf(entry);
    if (this.#bytes > HIGH_BYTES || this.#entries.length - this.#head > HIGH_COUNT) this.#isFull = true;
  }

  /** Forget all that waits. @returns what it was */
  clear(): readonly PumpEntry[] {
    const entries = this.#entries.slice(this.#head) as PumpEntry[];
    this.#entries = [];
    this.#head = 0;
    this.#bytes = 0;
    this.#isFull = false;
    return entries;
  }

  /** The first entry, if it may leave. */
  takeReady(): PumpEntry | undefined {
    const entry = this.#entries[this.#head];
    if (entry === undefined) return undefined;
    if (entry.kind === "flow" && !entry.flow.isReady) return undefined;
    this.#entries[this.#head++] = undefined;
    if (this.#head === this.#entries.length) {
      this.#entries = [];
      this.#head = 0;
    } else if (this.#head > 1024) {
      this.#entries = this.#entries.slice(this.#head);
      this.#head = 0;
    }
    this.#bytes -= sizeOf(entry);
    if (this.#bytes <= HIGH_BYTES / 2 && this.#entries.length - this.#head <= HIGH_COUNT / 2)
      this.#isFull = false;
    return entry;
  }
}

const HIGH_BYTES = 256 * 1024;
const HIGH_COUNT = 1024;

function sizeOf(entry: PumpEntry): number {
  if (entry.kind === "flow") return entry.flow.size;
  return entry.kind === "raw" ? entry.bytes.length : 0;
}
