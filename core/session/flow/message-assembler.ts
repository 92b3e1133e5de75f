import { isUtf8 } from "node:buffer";
import type { Payload } from "../../../sandbox/contract.ts";
import { ByteCollector } from "../../wire/byte-collector.ts";
import { inflateMessage } from "../../wire/deflate.ts";
import { OPCODE, type WireFault } from "../../wire/frame.ts";
import type { FrameScanner } from "../../wire/frame-scanner.ts";
import { applyMask, turnKey } from "../../wire/mask.ts";

/** A whole message: its frames as they came, and what they say. */
export interface AssembledMessage {
  readonly raw: Buffer;
  readonly payload: Payload;
  /** As it came. */
  readonly isCompressed: boolean;
}

/**
 * Puts the frames of one message together. Within one chunk nothing is copied but what has to be unmasked; pieces of a
 * message that spans chunks, or that control frames interrupt, are collected.
 */
export class MessageAssembler {
  readonly #scanner: FrameScanner;
  readonly #maxMessageBytes: number;
  readonly #maxRatio: number;
  /** The chunk's twin, in which payloads are unmasked in place: the chunk itself may have to go on as it came. */
  #unmasked: Buffer | undefined;
  #isText = false;
  #isCompressed = false;
  #payload: Buffer | undefined;
  #pieces: ByteCollector | undefined;
  #rawPieces: ByteCollector | undefined;

  /** @param maxRatio how many times its size a message may inflate to; 0: no limit */
  constructor(scanner: FrameScanner, maxMessageBytes: number, maxRatio: number) {
    this.#scanner = scanner;
    this.#maxMessageBytes = maxMessageBytes;
    this.#maxRatio = maxRatio;
  }

  /** Another chunk is being scanned. */
  startChunk(): void {
    this.#unmasked = undefined;
  }

  /** The scanner is at the header of a message's first frame. */
  begin(): void {
    this.#isText = this.#scanner.opcode === OPCODE.text;
    this.#isCompressed = this.#scanner.rsv1;
  }

  addPayload(chunk: Buffer, from: number, to: number): void {
    const { maskKey, position, fin, opcode: code, length } = this.#scanner;
    let source = chunk;
    if (maskKey !== 0) {
      source = this.#unmasked ??= copy(chunk);
      applyMask(source, from, to, turnKey(maskKey, position));
    }
    if (fin && code !== OPCODE.continuation && to - from === length) {
      this.#payload = source.subarray(from, to);
    } else {
      this.#pieces ??= new ByteCollector();
      this.#pieces.append(source, from, to);
    }
  }

  /** Bytes of the message's frames that will not be there when it is finished. */
  keepRaw(chunk: Buffer, from: number, to: number): void {
    if (to === from) return;
    this.#rawPieces ??= new ByteCollector();
    this.#rawPieces.append(chunk, from, to);
  }

  /** The last frame has ended; `chunk[from..to)` is the end of its frames. */
  finish(chunk: Buffer, from: number, to: number): AssembledMessage | { readonly fault: WireFault } {
    let bytes: Buffer = this.#pieces?.take() ?? this.#payload ?? nothing;
    let raw: Buffer;
    if (this.#rawPieces === undefined) {
      raw = chunk.subarray(from, to);
    } else {
      this.#rawPieces.append(chunk, from, to);
      raw = this.#rawPieces.take();
    }
    this.#pieces = undefined;
    this.#payload = undefined;
    this.#rawPieces = undefined;

    if (this.#isCompressed) {
      const inflated = inflateMessage(bytes, this.#maxMessageBytes, this.#maxRatio);
      if ("fault" in inflated) return inflated;
      bytes = inflated.bytes;
    }
    if (this.#isText && !isUtf8(bytes)) return { fault: { code: 1007, reason: "text is not UTF-8" } };
    return { raw, payload: { binary: !this.#isText, bytes }, isCompressed: this.#isCompressed };
  }
}

const nothing = Buffer.alloc(0);

/** As `Buffer.from` does, without its questions what it was given. */
function copy(bytes: Buffer): Buffer {
  const twin = Buffer.allocUnsafe(bytes.length);
  twin.set(bytes);
  return twin;
}
