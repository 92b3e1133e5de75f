import { isControl, MAX_CONTROL_PAYLOAD, OPCODE, type WireFault } from "./frame.ts";

export interface ScannerRules {
  /** Frames from a client are masked, frames from a server are not (RFC 6455 section 5.1). */
  readonly masked: boolean;
  /** RSV1 marks a compressed message where permessage-deflate was agreed on (RFC 7692 section 6). */
  readonly allowRsv1: boolean;
  /** Largest message, the sum of its fragments; a compressed one is larger on the wire at most by what deflate may add. */
  readonly maxMessageBytes: number;
  /** Largest frame of a message, as on the wire. Absent or 0: no limit but the message's. */
  readonly maxFrameBytes?: number;
}

/** Receives the parts of each frame in order. Ranges are offsets into the chunk being scanned. */
export interface FrameSink {
  /** A valid header. Its fields are on the scanner until the next header. */
  onHeader(start: number, end: number): void;
  /** A piece of the payload, as on the wire (still masked); at least one byte. */
  onPayload(start: number, end: number): void;
  onFrameEnd(end: number): void;
}

export const TOO_BIG: WireFault = { code: 1009, reason: "message too big" };

/**
 * Follows the frames of one direction through any split of its bytes, looking at headers only.
 *
 * A header that breaks the protocol sets `fault`; nothing of that frame, nor anything after it, reaches the sink.
 */
export class FrameScanner {
  fault: WireFault | undefined;

  // The current frame.
  fin = false;
  rsv1 = false;
  opcode = 0;
  length = 0;
  /** The four bytes of the masking key as they stand on the wire, most significant first; 0 when unmasked. */
  maskKey = 0;
  /** Payload bytes of the current frame seen so far. */
  position = 0;

  /** Between the first and the last fragment of a message. */
  insideMessage = false;
  /** Inside a frame: its header was seen, its last byte was not. */
  insideFrame = false;

  readonly #rules: ScannerRules;
  readonly #maxFrameBytes: number;
  readonly #maxCompressedBytes: number;
  /** Largest sum of the fragments of the message that is going on. */
  #maxBytes = 0;
  #messageBytes = 0;
  #fragments = 0;

  constructor(rules: ScannerRules) {
    this.#rules = rules;
    this.#maxCompressedBytes = largestDeflated(rules.maxMessageBytes);
    this.#maxFrameBytes = rules.maxFrameBytes || Number.POSITIVE_INFINITY;
  }

  /**
   * @returns how many bytes were consumed: all, but for an incomplete header at the end, which the caller puts in
   *   front of the next chunk, and for what follows a fault.
   */
  scan(chunk: Uint8Array, sink: FrameSink): number {
    let offset = 0;
    const end = chunk.length;
    while (offset < end && this.fault === undefined) {
      if (!this.insideFrame) {
        const size = this.#readHeader(chunk, offset, end);
        if (size === 0) break;
        this.insideFrame = true;
        this.position = 0;
        sink.onHeader(offset, offset + size);
        offset += size;
      }
      const take = Math.min(this.length - this.position, end - offset);
      if (take > 0) {
        sink.onPayload(offset, offset + take);
        this.position += take;
        offset += take;
      }
      if (this.position === this.length) {
        this.insideFrame = false;
        sink.onFrameEnd(offset);
      }
    }
    return offset;
  }

  /**
   * While the sink is told of a message's first header: the message may be as large as this, and not as the rules say.
   *
   * @returns false when it is larger already
   */
  holdTo(maxMessageBytes: number): boolean {
    this.#maxBytes = this.rsv1 ? largestDeflated(maxMessageBytes) : maxMessageBytes;
    return this.length <= this.#maxBytes;
  }

  /** @returns the header's size, 0 when it is incomplete or wrong. Nothing changes unless it is complete and right. */
  #readHeader(chunk: Uint8Array, at: number, end: number): number {
    if (end - at < 2) return 0;
    // In all of this an index was compared with `end`, or stands below one that was.
    const first = chunk[at] as number;
    const second = chunk[at + 1] as number;
    const code = first & 0x0f;
    const fin = (first & 0x80) !== 0;
    const rsv1 = (first & 0x40) !== 0;
    const masked = (second & 0x80) !== 0;
    let length = second & 0x7f;

    const problem = this.#checkHeader(first, second);
    if (problem !== undefined) return this.#fail(1002, problem);

    let size = 2;
    if (length === 126) {
      if (end - at < 4) return 0;
      length = ((chunk[at + 2] as number) << 8) | (chunk[at + 3] as number);
      size = 4;
    } else if (length === 127) {
      if (end - at < 10) return 0;
      const high = readUint32(chunk, at + 2);
      if (high > 0x1fffff) return this.#fail(high > 0x7fffffff ? 1002 : 1009, "frame length out of range");
      length = high * 0x1_0000_0000 + readUint32(chunk, at + 6);
      size = 10;
    }

    // Checked as soon as the length is known, before the mask and any payload arrive.
    const messageBytes = isControl(code)
      ? 0
      : (code === OPCODE.continuation ? this.#messageBytes : 0) + length;
    const maxBytes = this.#maxBytesOf(code, rsv1);
    if (messageBytes > maxBytes) return this.#fail(TOO_BIG.code, TOO_BIG.reason);
    if (length > this.#maxFrameBytes && !isControl(code)) return this.#fail(1009, "frame too big");
    const fragments = code === OPCODE.continuation ? this.#fragments + 1 : 1;
    if (!isControl(code) && fragments > MAX_FRAGMENTS) return this.#fail(1009, "too many fragments");

    let maskKey = 0;
    if (masked) {
      if (end - at < size + 4) return 0;
      maskKey = readUint32(chunk, at + size);
      size += 4;
    }

    this.fin = fin;
    this.rsv1 = rsv1;
    this.opcode = code;
    this.length = length;
    this.maskKey = maskKey;
    if (!isControl(code)) {
      this.insideMessage = !fin;
      this.#maxBytes = maxBytes;
      this.#messageBytes = messageBytes;
      this.#fragments = fragments;
    }
    return size;
  }

  /** @returns what is wrong with the two bytes that every header has */
  #checkHeader(first: number, second: number): string | undefined {
    const code = first & 0x0f;
    const rsv1 = (first & 0x40) !== 0;
    const masked = (second & 0x80) !== 0;
    if ((first & 0x30) !== 0) return "reserved bits set";
    if ((code > 2 && code < 8) || code > 10) return "unknown opcode";
    if (masked !== this.#rules.masked)
      return masked ? "masked frame from a server" : "unmasked frame from a client";
    if (isControl(code)) {
      if ((first & 0x80) === 0) return "fragmented control frame";
      if ((second & 0x7f) > MAX_CONTROL_PAYLOAD) return "control frame too long";
      if (rsv1) return "reserved bits set";
      return undefined;
    }
    if (rsv1 && (!this.#rules.allowRsv1 || code === OPCODE.continuation)) return "reserved bits set";
    if (code === OPCODE.continuation && !this.insideMessage) return "continuation without a message";
    if (code !== OPCODE.continuation && this.insideMessage) return "message begins inside another";
    return undefined;
  }

  #maxBytesOf(code: number, rsv1: boolean): number {
    if (code === OPCODE.continuation) return this.#maxBytes;
    return rsv1 ? this.#maxCompressedBytes : this.#rules.maxMessageBytes;
  }

  #fail(code: WireFault["code"], reason: string): 0 {
    this.fault = { code, reason };
    return 0;
  }
}

/** Empty fragments add nothing to a message's size: their headers alone must not fill the memory. */
const MAX_FRAGMENTS = 128 * 1024;

/** What cannot be compressed grows, by not more than this with zlib at its worst settings (its `deflateBound`). */
function largestDeflated(bytes: number): number {
  return bytes + Math.ceil(bytes / 32) + Math.ceil(bytes / 128) + Math.ceil(bytes / 2048) + 7;
}

function readUint32(chunk: Uint8Array, at: number): number {
  const high = ((chunk[at] as number) << 24) | ((chunk[at + 1] as number) << 16);
  return (high | ((chunk[at + 2] as number) << 8) | (chunk[at + 3] as number)) >>> 0;
}
