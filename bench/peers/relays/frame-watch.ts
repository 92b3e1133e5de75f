const FIN = 0x80;
const RSV = 0x70;
const MASK_BIT = 0x80;
const CLOSE = 8;
const KNOWN_OPCODES = 0b0000_0111_0000_0111;
const MOST_OF_CONTROL = 125;
const NO_CODE = 1005;

/** Looks at the headers of one side's frames, however they are cut, and at the code of its Close (RFC 6455, 5.2 and 5.5.1). */
export class FrameWatch {
  /** Of the Close that has come. */
  closeCode: number | undefined;
  readonly #maskBit: number;
  /** A header, and the code behind it, that have not come whole. */
  #cut: Buffer | undefined;
  /** Of the frame's payload that is still to come. */
  #left = 0;
  #isFragmented = false;

  /** @param isMasked a client's frames are, a server's are not */
  constructor(isMasked: boolean) {
    this.#maskBit = isMasked ? MASK_BIT : 0;
  }

  see(chunk: Buffer): void {
    if (this.#left >= chunk.length) {
      this.#left -= chunk.length;
      return;
    }
    const bytes = this.#cut === undefined ? chunk : Buffer.concat([this.#cut, chunk]);
    this.#cut = undefined;
    let at = this.#left;
    while (at < bytes.length) {
      const next = this.#frameAt(bytes, at);
      if (next === at) {
        this.#cut = Buffer.from(bytes.subarray(at));
        break;
      }
      at = next;
    }
    this.#left = Math.max(0, at - bytes.length);
  }

  /** @returns where the frame at `at` ends; `at` itself: not all that is to be known of it is there */
  #frameAt(bytes: Buffer, at: number): number {
    if (at + 2 > bytes.length) return at;
    const first = bytes.readUInt8(at);
    const second = bytes.readUInt8(at + 1);
    const opcode = first & 15;
    const length = second & 127;
    const isControl = opcode >= CLOSE;
    if ((first & RSV) !== 0 || ((KNOWN_OPCODES >>> opcode) & 1) === 0)
      throw new Error("a frame that is none");
    if ((second & MASK_BIT) !== this.#maskBit) throw new Error("a frame of the other side's kind");
    if (isControl ? length > MOST_OF_CONTROL || first < FIN : this.#isFragmented !== (opcode === 0))
      throw new Error("a frame that must not stand here");
    const lengthBytes = length < 126 ? 0 : length === 126 ? 2 : 8;
    const payloadAt = at + 2 + lengthBytes + (this.#maskBit === 0 ? 0 : 4);
    if (payloadAt > bytes.length) return at;
    if (isControl) {
      const end = payloadAt + length;
      if (end > bytes.length) return at;
      if (opcode === CLOSE) this.closeCode = this.#codeAt(bytes, payloadAt, length);
      return end;
    }
    this.#isFragmented = first < FIN;
    return payloadAt + lengthOf(bytes, at + 2, length);
  }

  #codeAt(bytes: Buffer, at: number, length: number): number {
    if (length === 0) return NO_CODE;
    const code = bytes.readUInt16BE(at) ^ (this.#maskBit === 0 ? 0 : bytes.readUInt16BE(at - 4));
    if (length === 1 || code < 1000 || code > 4999) throw new Error(`a Close with ${code}`);
    return code;
  }
}

function lengthOf(bytes: Buffer, at: number, short: number): number {
  if (short < 126) return short;
  const long = short === 126 ? bytes.readUInt16BE(at) : Number(bytes.readBigUInt64BE(at));
  if (long < (short === 126 ? 126 : 65_536)) throw new Error("a length that is longer than it must be");
  return long;
}
