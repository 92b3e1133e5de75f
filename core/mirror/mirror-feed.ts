import type { Side } from "../../sandbox/contract/hooks.ts";
import { ByteCollector } from "../wire/byte-collector.ts";
import type { DeflateDirection } from "../wire/deflate.ts";
import { isControl, OPCODE } from "../wire/frame.ts";
import { encodeFrame, type MaskKeys } from "../wire/frame-encoder.ts";
import { FrameScanner, type FrameSink } from "../wire/frame-scanner.ts";
import { applyMask, turnKey } from "../wire/mask.ts";
import { MessageInflater } from "../wire/message-inflater.ts";
import type { MirrorRoom } from "./mirror-room.ts";

/** A larger message is not copied. */
export const MAX_COPY_BYTES = 1024 * 1024;

export interface FeedOptions {
  /** Who sent what is copied. */
  readonly origin: Side;
  /** How it is compressed on its way to the receiver; undefined: not at all. */
  readonly deflate: DeflateDirection | undefined;
  readonly maskKeys: MaskKeys;
  /** What is collected is taken from it. */
  readonly room: Pick<MirrorRoom, "take" | "giveBack">;
  /** Frames of a whole message, as a client sends them. */
  onMessage(frames: Buffer): void;
  onLost(): void;
}

/**
 * Makes messages for a mirror of the bytes that one side of a session is sent. What a server is sent uncompressed is what a
 * mirror can be sent: those frames go on as they are, masks included. All else is unmasked, inflated, and made anew.
 */
export class MirrorFeed implements FrameSink {
  readonly #options: FeedOptions;
  readonly #scanner: FrameScanner;
  readonly #inflater: MessageInflater | undefined;
  readonly #isVerbatim: boolean;
  readonly #message = new ByteCollector();
  /** Of the room. */
  #takenBytes = 0;
  #opcode = 0;
  #isCompressed = false;
  #bytes = 0;
  #isSkipped = false;
  // While bytes are scanned: they, and before them the start of a header that has not come whole.
  #chunk: Uint8Array = nothing;
  #carry: Uint8Array = nothing;

  constructor(options: FeedOptions) {
    const { origin, deflate } = options;
    this.#options = options;
    this.#isVerbatim = origin === "client" && deflate === undefined;
    this.#inflater = deflate && new MessageInflater(deflate, MAX_COPY_BYTES, 0);
    this.#scanner = new FrameScanner({
      masked: origin === "client",
      allowRsv1: deflate !== undefined,
      maxMessageBytes: Number.POSITIVE_INFINITY,
    });
  }

  /** @param bytes need not be there any longer than this call */
  take(bytes: Uint8Array): void {
    const chunk = this.#carry.length === 0 ? bytes : Buffer.concat([this.#carry, bytes]);
    this.#chunk = chunk;
    const used = this.#scanner.scan(chunk, this);
    this.#chunk = nothing;
    this.#carry = used === chunk.length || this.#scanner.fault ? nothing : Buffer.from(chunk.subarray(used));
  }

  onHeader(start: number, end: number): void {
    const { opcode: code, rsv1, length } = this.#scanner;
    if (isControl(code)) return;
    if (code !== OPCODE.continuation) {
      this.#opcode = code;
      this.#isCompressed = rsv1;
      this.#bytes = 0;
      this.#isSkipped = false;
    }
    this.#bytes += length;
    if (this.#bytes > MAX_COPY_BYTES) this.skip();
    if (this.#isVerbatim && !this.#isSkipped) this.#append(start, end, length);
  }

  onPayload(from: number, to: number): void {
    const { opcode: code, length, maskKey, position } = this.#scanner;
    if (isControl(code) || this.#isSkipped) return;
    const piece = this.#append(from, to, length - position - (to - from));
    if (maskKey !== 0 && !this.#isVerbatim) applyMask(piece, 0, piece.length, turnKey(maskKey, position));
  }

  onFrameEnd(): void {
    const { opcode: code, fin } = this.#scanner;
    if (!isControl(code) && fin) this.#finish();
  }

  /** A message that has not come whole is not copied: nothing of it is kept. */
  skip(): void {
    this.#isSkipped = true;
    this.#take();
  }

  #append(from: number, to: number, following: number): Buffer {
    const piece = this.#message.append(this.#chunk, from, to, following);
    const more = this.#message.capacity - this.#takenBytes;
    if (more > 0) {
      if (this.#options.room.take(more)) this.#takenBytes += more;
      else this.skip();
    }
    return piece;
  }

  #take(): Buffer {
    this.#options.room.giveBack(this.#takenBytes);
    this.#takenBytes = 0;
    return this.#message.take();
  }

  #finish(): void {
    const { onMessage } = this.#options;
    if (this.#isSkipped) return this.#lose();
    const bytes = this.#take();
    // A small one lies in memory that is much larger: it may wait for long.
    if (this.#isVerbatim) return onMessage(bytes.length < SMALL_BYTES ? Buffer.from(bytes) : bytes);
    const inflated = this.#isCompressed ? this.#inflater?.inflate(bytes) : { bytes };
    if (inflated === undefined || "fault" in inflated) return this.#lose();
    onMessage(encodeFrame(this.#opcode, inflated.bytes, this.#options.maskKeys));
  }

  /** What refers to it later cannot be read: no copy says anything else than its message. */
  #lose(): void {
    if (this.#isCompressed) this.#inflater?.skip();
    this.#options.onLost();
  }
}

const nothing = new Uint8Array(0);
const SMALL_BYTES = 1024;
