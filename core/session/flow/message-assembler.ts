import { isUtf8 } from "node:buffer";
import type { Payload } from "../../../sandbox/contract/hooks.ts";
import { ByteCollector } from "../../wire/byte-collector.ts";
import { BytePieces } from "../../wire/byte-pieces.ts";
import { measureMessage } from "../../wire/deflate.ts";
import { OPCODE, type WireFault } from "../../wire/frame.ts";
import type { FrameScanner } from "../../wire/frame-scanner.ts";
import type { FrameMemory } from "../../wire/frame-slab.ts";
import { applyMask, copyMasked, turnKey } from "../../wire/mask.ts";
import type { MessageInflater } from "../../wire/message-inflater.ts";
import { Utf8Check } from "../../wire/utf8-check.ts";
import { LoneFrame } from "./lone-frame.ts";

/** A message's frames as they came. */
export interface RawFrames {
  /** What of them was kept of earlier chunks; undefined: nothing. */
  readonly earlier: readonly Buffer[] | undefined;
  /** What lies in the last chunk. */
  readonly raw: Buffer;
  /** It is unmasked, and to be restored before it goes on. */
  readonly lone?: LoneFrame | undefined;
}

/** A whole message: its frames as they came, and what they say. */
export interface AssembledMessage extends RawFrames {
  readonly payload: Payload;
  /** As it came. */
  readonly isCompressed: boolean;
  /** It refers to no message before it. */
  readonly standsAlone: boolean;
}

/**
 * Puts the frames of one message together. One that is a large frame is copied out of its chunks, header and all, and
 * unmasked there: see `LoneFrame`. Of all others within one chunk nothing is copied but what has to be unmasked; the payload
 * of a message that spans chunks, or that control frames interrupt, is collected, and unmasked where it then lies.
 */
export class MessageAssembler {
  readonly #scanner: FrameScanner;
  readonly #memory: FrameMemory;
  /** The chunk's twin, in which payloads are unmasked in place: the chunk itself may have to go on as it came. */
  #unmasked: Buffer | undefined;
  /** Where the payload begins in the twin that has been unmasked ahead; -1: nowhere. */
  #peekedAt = NOT_PEEKED;
  #isText = false;
  #isCompressed = false;
  #isLone = false;
  #headerSize = 0;
  #lone: LoneFrame | undefined;
  #payload: Buffer | undefined;
  #pieces: ByteCollector | undefined;
  #rawPieces: BytePieces | undefined;
  /** Of the pieces: what is no text is refused with the piece that it stands in. */
  readonly #text = new Utf8Check();

  constructor(scanner: FrameScanner, memory: FrameMemory) {
    this.#scanner = scanner;
    this.#memory = memory;
  }

  /** Nothing is kept of the chunks that the message lies in. */
  get isLone(): boolean {
    return this.#isLone;
  }

  /** Another chunk is being scanned. */
  startChunk(): void {
    this.#unmasked = undefined;
    this.#peekedAt = NOT_PEEKED;
    this.#forgetPeeked();
  }

  /** A frame that was peeked at has ended within its chunk; when it was read it is another's by now. */
  #forgetPeeked(): void {
    if (this.#lone === undefined) return;
    this.#memory.release(this.#lone.bytes);
    this.#lone = undefined;
  }

  /** The scanner is at the header of a message's first frame; its payload begins at `payloadFrom` in the chunk. */
  begin(headerFrom: number, payloadFrom: number): void {
    const { opcode: code, rsv1, fin, length } = this.#scanner;
    this.#isText = code === OPCODE.text;
    this.#isCompressed = rsv1;
    this.#isLone = fin && !rsv1 && length >= LONE_BYTES;
    this.#headerSize = payloadFrom - headerFrom;
    if (this.#peekedAt !== payloadFrom) this.#forgetPeeked();
  }

  /**
   * What a message says that is one frame, not compressed, and lies whole in the chunk, header and all. Whatever becomes of
   * the message, nothing is unmasked twice.
   *
   * @returns undefined when it is no text and should be
   */
  peek(chunk: Buffer, headerFrom: number, from: number): Payload | undefined {
    const { maskKey, opcode: code, length } = this.#scanner;
    const to = from + length;
    let bytes: Buffer;
    if (maskKey === 0) bytes = chunk.subarray(from, to);
    else if (length >= LONE_BYTES) {
      this.#lone = this.#takeLone(chunk, headerFrom, from);
      this.#peekedAt = from;
      bytes = this.#lone.payload;
    } else {
      this.#unmasked ??= copy(chunk);
      applyMask(this.#unmasked, from, to, maskKey);
      this.#peekedAt = from;
      bytes = this.#unmasked.subarray(from, to);
    }
    const binary = code === OPCODE.binary;
    return binary || isUtf8(bytes) ? { binary, bytes } : undefined;
  }

  /** @returns what is wrong with the message already */
  addPayload(chunk: Buffer, from: number, to: number): WireFault | undefined {
    const { maskKey, position, fin, opcode: code, length } = this.#scanner;
    if (this.#isLone) return this.#addLone(chunk, from, to);
    if (fin && code !== OPCODE.continuation && to - from === length) {
      let source = chunk;
      if (maskKey !== 0) {
        source = this.#unmasked ??= copy(chunk);
        if (this.#peekedAt !== from) applyMask(source, from, to, maskKey);
      }
      this.#payload = source.subarray(from, to);
      return undefined;
    }
    this.#pieces ??= new ByteCollector();
    const following = length - position - (to - from);
    const piece = this.#pieces.append(chunk, from, to, following);
    if (maskKey !== 0) applyMask(piece, 0, piece.length, turnKey(maskKey, position));
    const isText = this.#isText && !this.#isCompressed;
    return isText && !this.#text.push(piece) ? NOT_TEXT : undefined;
  }

  #addLone(chunk: Buffer, from: number, to: number): WireFault | undefined {
    const { maskKey, position, length } = this.#scanner;
    if (to - from === length && this.#pieces === undefined) {
      this.#lone ??= this.#takeLone(chunk, from - this.#headerSize, from);
      return undefined;
    }
    // The header lies right before the first byte, unless it was kept at the end of the chunk before.
    const headerSize = this.#pieces === undefined ? this.#headerSize : 0;
    this.#pieces ??= new ByteCollector(this.#memory);
    const following = length - position - (to - from);
    const piece = this.#pieces.append(chunk, from - headerSize, to, following);
    if (maskKey !== 0) applyMask(piece, headerSize, piece.length, turnKey(maskKey, position));
    return this.#isText && !this.#text.push(piece.subarray(headerSize)) ? NOT_TEXT : undefined;
  }

  #takeLone(chunk: Buffer, headerFrom: number, from: number): LoneFrame {
    const { length, maskKey } = this.#scanner;
    const bytes = this.#memory.allocate(from + length - headerFrom);
    const headerSize = from - headerFrom;
    if (maskKey === 0) bytes.set(chunk.subarray(headerFrom, from + length));
    else {
      for (let i = 0; i < headerSize; i++) bytes[i] = chunk[headerFrom + i] as number;
      copyMasked(chunk.subarray(from, from + length), bytes, headerSize, maskKey);
    }
    return new LoneFrame(bytes, headerSize, maskKey);
  }

  /** Bytes of the message's frames that will not be there when it is finished. */
  keepRaw(chunk: Buffer, from: number, to: number): void {
    if (to === from) return;
    if (this.#isLone) {
      // Its header, if that is all that has come.
      if (this.#pieces !== undefined) return;
      this.#pieces = new ByteCollector(this.#memory);
      this.#pieces.append(chunk, from, to, this.#scanner.length);
      return;
    }
    this.#rawPieces ??= new BytePieces();
    this.#rawPieces.append(chunk, from, to);
  }

  /**
   * The last frame has ended; `chunk[from..to)` is the end of its frames.
   *
   * @param inflater reads what came compressed
   */
  finish(
    chunk: Buffer,
    from: number,
    to: number,
    inflater: MessageInflater | undefined,
  ): AssembledMessage | { readonly fault: WireFault } {
    const isWhole = this.#pieces === undefined;
    if (this.#isLone) return this.#finishLone(isWhole);
    const { earlier, bytes } = this.#take();
    const raw = chunk.subarray(from, to);
    const isCompressed = this.#isCompressed;
    const binary = !this.#isText;
    if (isCompressed && inflater !== undefined) {
      const inflated = inflater.inflate(bytes);
      if ("fault" in inflated) return inflated;
      if (!binary && !isUtf8(inflated.bytes)) return { fault: NOT_TEXT };
      return {
        earlier,
        raw,
        payload: { binary, bytes: inflated.bytes },
        isCompressed,
        standsAlone: inflated.standsAlone,
      };
    }
    if (!binary && !(isWhole ? isUtf8(bytes) : this.#text.isWhole)) return { fault: NOT_TEXT };
    return { earlier, raw, payload: { binary, bytes }, isCompressed, standsAlone: true };
  }

  #finishLone(isWhole: boolean): AssembledMessage | { readonly fault: WireFault } {
    const { maskKey } = this.#scanner;
    const lone = this.#lone ?? new LoneFrame(this.#pieces?.take() ?? nothing, this.#headerSize, maskKey);
    const { payload: bytes } = lone;
    this.#pieces = undefined;
    this.#lone = undefined;
    this.#isLone = false;
    const binary = !this.#isText;
    if (!binary && !(isWhole ? isUtf8(bytes) : this.#text.isWhole)) return { fault: NOT_TEXT };
    const payload = { binary, bytes };
    return { earlier: undefined, raw: lone.bytes, lone, payload, isCompressed: false, standsAlone: true };
  }

  /**
   * The same for a compressed message that nobody reads.
   *
   * @param maxBytes what it may inflate to
   */
  weigh(
    chunk: Buffer,
    from: number,
    to: number,
    maxBytes: number,
  ): RawFrames | { readonly fault: WireFault } {
    const { earlier, bytes } = this.#take();
    const fault = measureMessage(bytes, maxBytes);
    return fault === undefined ? { earlier, raw: chunk.subarray(from, to) } : { fault };
  }

  #take(): { earlier: readonly Buffer[] | undefined; bytes: Buffer } {
    const bytes = this.#pieces?.take() ?? this.#payload ?? nothing;
    const earlier = this.#rawPieces?.take();
    this.#pieces = undefined;
    this.#payload = undefined;
    this.#rawPieces = undefined;
    return { earlier, bytes };
  }
}

const nothing = Buffer.alloc(0);
const NOT_PEEKED = -1;
/** From here on a copy of the frame costs less than one of the chunk, and another of that. */
const LONE_BYTES = 1024;

const NOT_TEXT: WireFault = { code: 1007, reason: "text is not UTF-8" };

/** As `Buffer.from` does, without its questions what it was given. */
function copy(bytes: Buffer): Buffer {
  const twin = Buffer.allocUnsafe(bytes.length);
  twin.set(bytes);
  return twin;
}
