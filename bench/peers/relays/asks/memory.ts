import { applyMask } from "../../../../core/wire/mask.ts";

/** Bytes, which can be read and written four at a time as well, wherever they lie. */
export interface Memory {
  readonly bytes: Buffer;
  readonly view: DataView;
}

export interface Place {
  readonly memory: Memory;
  readonly from: number;
  readonly to: number;
}

/** From here on it costs less to copy, and to mask what is aligned then. */
const WIDE_FROM = 256;

export function memoryOf(bytes: Buffer): Memory {
  return { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.length) };
}

/** Copies, and XORs with a masking key, in one go. @returns where the copy ends */
export function copyMasked({ memory, from, to }: Place, key: number, into: Memory, at: number): number {
  const end = at + to - from;
  if (to - from >= WIDE_FROM) {
    memory.bytes.copy(into.bytes, at, from, to);
    applyMask(into.bytes, at, end, key);
    return end;
  }
  const source = memory.view;
  const target = into.view;
  let i = from;
  let o = at;
  for (; i + 4 <= to; i += 4, o += 4) target.setInt32(o, source.getInt32(i) ^ key);
  for (let shift = 24; i < to; i++, o++, shift -= 8) target.setUint8(o, source.getUint8(i) ^ (key >>> shift));
  return end;
}
