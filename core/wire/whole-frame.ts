import { RSV1 } from "./frame.ts";

/** A frame that lies whole in some bytes. */
export interface WholeFrame {
  /** FIN, the reserved bits and the opcode. */
  readonly first: number;
  readonly isMasked: boolean;
  readonly maskKey: number;
  /** Its payload, as offsets. */
  readonly start: number;
  readonly end: number;
}

/**
 * Reads the header of a frame that is to lie whole in `bytes[at..end)` (RFC 6455 section 5.2). Nothing but that is
 * checked: the scanner follows messages, and this may begin in the middle of one.
 */
export function readWholeFrame(
  bytes: Buffer,
  at: number,
  end: number,
): WholeFrame | { readonly problem: string } {
  if (end - at < 2) return { problem: "half a frame's header" };
  const first = bytes.readUInt8(at);
  const second = bytes.readUInt8(at + 1);
  const isMasked = (second & 0x80) !== 0;
  const short = second & 0x7f;
  const lengthBytes = short < 126 ? 0 : short === 126 ? 2 : 8;
  const start = at + 2 + lengthBytes + (isMasked ? 4 : 0);
  if (start > end) return { problem: "half a frame's header" };
  const length =
    lengthBytes === 0
      ? short
      : lengthBytes === 2
        ? bytes.readUInt16BE(at + 2)
        : bytes.readUInt32BE(at + 2) * 2 ** 32 + bytes.readUInt32BE(at + 6);
  if (length > end - start) return { problem: `a frame of ${length} bytes where ${end - start} are left` };
  return {
    first,
    isMasked,
    maskKey: isMasked ? bytes.readUInt32BE(start - 4) : 0,
    start,
    end: start + length,
  };
}

export interface FirstByte {
  readonly fin: boolean;
  readonly rsv1: boolean;
  readonly opcode: number;
}

export function parseFirstByte(first: number): FirstByte {
  return { fin: (first & 0x80) !== 0, rsv1: (first & RSV1) !== 0, opcode: first & 0x0f };
}

export function firstByteOf({ fin, rsv1, opcode }: FirstByte): number {
  return (fin ? 0x80 : 0) | (rsv1 ? RSV1 : 0) | opcode;
}
