import { Buffer } from "./bytes.ts";

/** What mqtt-packet uses of the package bl: bytes that are read from their beginning on. */
export interface ByteList {
  readonly length: number;
  append(bytes: Uint8Array): void;
  consume(count: number): void;
  slice(from: number, to: number): Buffer;
  toString(encoding: "utf8", from: number, to: number): string;
  readUInt8(at: number): number;
  readUInt16BE(at: number): number;
  readUInt32BE(at: number): number;
}

export function createByteList(): ByteList {
  let held = new Uint8Array();
  // Of a text that is no UTF-8 a server may read something else than the lens: it is refused.
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

  function readUInt8(at: number): number {
    const byte = held[at];
    if (byte === undefined) throw new RangeError("a packet is cut short");
    return byte;
  }

  function readUInt16BE(at: number): number {
    return readUInt8(at) * 0x100 + readUInt8(at + 1);
  }

  return {
    get length() {
      return held.length;
    },
    append(bytes) {
      const both = new Uint8Array(held.length + bytes.length);
      both.set(held);
      both.set(bytes, held.length);
      held = both;
    },
    consume(count) {
      held = held.subarray(count);
    },
    slice: (from, to) => Buffer.from(held.subarray(from, to)),
    toString: (_encoding, from, to) => decoder.decode(held.subarray(from, to)),
    readUInt8,
    readUInt16BE,
    readUInt32BE: (at) => readUInt16BE(at) * 0x1_0000 + readUInt16BE(at + 2),
  };
}
