import { type DeflateDirection, inflateMessage } from "./deflate.ts";
import type { WireFault } from "./frame.ts";
import { SlidingWindow } from "./sliding-window.ts";

/** A compressed message as it reads. */
export interface InflatedMessage {
  readonly bytes: Buffer;
  /** It refers to no message before it, and is the same to whoever inflates it. */
  readonly standsAlone: boolean;
}

/**
 * Inflates the compressed messages of one sender, all of them, in order.
 *
 *   agreed on no context takeover        the sender turns out to use it all the same
 *   ─────────────────────────────▶ watched ───────────────────────────────────────▶ dependent
 *                                     │                                                 ▲
 *                                     │ enough messages stood alone                     │ agreed on context takeover
 *                                     ▼
 *                                   alone
 *
 * Clients are about that do not keep to `client_no_context_takeover` (RFC 7692 section 7.1.1.2), and their messages are
 * readable nevertheless, with the window that they go by. It is kept for a dependent sender, and for one that is watched:
 * as large as the agreed one, 32 KiB at most.
 */
export class MessageInflater {
  readonly #maxBytes: number;
  readonly #maxRatio: number;
  #state: "watched" | "dependent" | "alone";
  #window: SlidingWindow | undefined;
  // Of a watched sender, what stood alone.
  #messages = 0;
  #bytes = 0;

  /** @param maxRatio how many times its size a message may inflate to; 0: no limit */
  constructor({ noContextTakeover, windowBits }: DeflateDirection, maxBytes: number, maxRatio: number) {
    this.#state = noContextTakeover ? "watched" : "dependent";
    this.#window = new SlidingWindow(2 ** windowBits);
    this.#maxBytes = maxBytes;
    this.#maxRatio = maxRatio;
  }

  /** Messages refer to earlier ones: none may be left out. */
  get isDependent(): boolean {
    return this.#state === "dependent";
  }

  inflate(compressed: Uint8Array): InflatedMessage | { readonly fault: WireFault } {
    const window = this.#window?.bytes;
    if (window === undefined || window.length === 0 || this.#state !== "dependent") {
      const alone = inflateMessage(compressed, this.#maxBytes, this.#maxRatio);
      if ("bytes" in alone) {
        this.#keep(alone.bytes);
        return { bytes: alone.bytes, standsAlone: true };
      }
      // Without a window a reference to earlier messages is an error in the data, and nothing else.
      if (window === undefined || alone.fault.code !== 1007) return alone;
    }
    const inflated = inflateMessage(compressed, this.#maxBytes, this.#maxRatio, window);
    if ("fault" in inflated) return inflated;
    this.#state = "dependent";
    this.#keep(inflated.bytes);
    return { bytes: inflated.bytes, standsAlone: false };
  }

  /** A compressed message has passed unread: what comes later has to stand alone. */
  skip(): void {
    this.#believe();
  }

  #keep(bytes: Buffer): void {
    this.#window?.push(bytes);
    if (this.#state !== "watched") return;
    this.#messages++;
    this.#bytes += bytes.length;
    if (this.#messages > WATCHED_MESSAGES && this.#bytes > WATCHED_BYTES) this.#believe();
  }

  #believe(): void {
    this.#state = "alone";
    this.#window = undefined;
  }
}

/**
 * Who could refer to so much and did not keeps to what was agreed on: any three bytes that come again so near are referred
 * to (zlib looks as far as this for as little), and there is hardly text without them.
 */
const WATCHED_MESSAGES = 16;
const WATCHED_BYTES = 4096;
