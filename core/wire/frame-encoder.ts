import { isWireCloseCode, OPCODE } from "./frame.ts";
import type { Allocate } from "./frame-slab.ts";
import { applyMask, copyMasked } from "./mask.ts";

/** Makes the masking key of the next frame; absent on the leg to a client, where frames are not masked. */
export type MaskKeys = (() => number) | undefined;

/**
 * One whole frame, FIN set.
 *
 * @param code its opcode; with `RSV1`, the first frame of a compressed message
 */
export function encodeFrame(
  code: number,
  payload: Uint8Array,
  maskKeys: MaskKeys,
  allocate: Allocate = Buffer.allocUnsafe,
): Buffer {
  const { length } = payload;
  const headerSize = headerSizeOf(length, maskKeys);
  const frame = allocate(headerSize + length);
  const key = writeHeader(frame, code, length, maskKeys);
  if (key === 0) frame.set(payload, headerSize);
  else copyMasked(payload, frame, headerSize, key);
  return frame;
}

/**
 * The header of the same frame, for a payload that leaves from where it lies: it is masked there.
 *
 * @param payload nobody else may have it
 */
export function encodeHeader(
  code: number,
  payload: Uint8Array,
  maskKeys: MaskKeys,
  allocate: Allocate,
): Buffer {
  const { length } = payload;
  const header = allocate(headerSizeOf(length, maskKeys));
  const key = writeHeader(header, code, length, maskKeys);
  if (key !== 0) applyMask(payload, 0, length, key);
  return header;
}

function headerSizeOf(length: number, maskKeys: MaskKeys): number {
  return lengthSizeOf(length) + (maskKeys === undefined ? 0 : 4);
}

function lengthSizeOf(length: number): number {
  return length < 126 ? 2 : length < 65536 ? 4 : 10;
}

/** @returns the masking key; 0: none, or one that changes nothing */
function writeHeader(frame: Buffer, code: number, length: number, maskKeys: MaskKeys): number {
  const lengthSize = lengthSizeOf(length);
  frame[0] = 0x80 | code;
  const maskBit = maskKeys === undefined ? 0 : 0x80;
  if (lengthSize === 2) {
    frame[1] = maskBit | length;
  } else if (lengthSize === 4) {
    frame[1] = maskBit | 126;
    frame[2] = length >>> 8;
    frame[3] = length & 255;
  } else {
    frame[1] = maskBit | 127;
    frame.writeUInt32BE(Math.floor(length / 0x1_0000_0000), 2);
    frame.writeUInt32BE(length >>> 0, 6);
  }
  if (maskKeys === undefined) return 0;
  const key = maskKeys();
  frame[lengthSize] = key >>> 24;
  frame[lengthSize + 1] = (key >>> 16) & 255;
  frame[lengthSize + 2] = (key >>> 8) & 255;
  frame[lengthSize + 3] = key & 255;
  return key;
}

/**
 * A Close frame.
 *
 * @param code a code that may stand on the wire, or undefined for a Close frame without a payload
 * @param reason cut to the 123 bytes that fit, at a character's edge
 */
export function encodeClose(code: number | undefined, reason: string, maskKeys: MaskKeys): Buffer {
  if (code === undefined) return encodeFrame(OPCODE.close, empty, maskKeys);
  if (!isWireCloseCode(code)) throw new RangeError(`close code ${code} must not stand in a Close frame`);
  const text = Buffer.from(reason, "utf8");
  let size = Math.min(text.length, 123);
  while (size < text.length && size > 0 && ((text[size] as number) & 0xc0) === 0x80) size--;
  const payload = Buffer.allocUnsafe(2 + size);
  payload.writeUInt16BE(code, 0);
  text.copy(payload, 2, 0, size);
  return encodeFrame(OPCODE.close, payload, maskKeys);
}

const empty = new Uint8Array(0);
