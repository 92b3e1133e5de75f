/**
 * One call of a hook, or what becomes of a seat, as a row of eight int32s:
 *
 *   id │ seat │ op │ text │ size │ sequence │ time, a float64 over two columns
 *
 * `op` is the number of a hook or one of those below, with a bit for a payload that is binary, and one for a payload that
 * is withheld: it is not here, but for its size. `text` is the length of the record's text, 0 for a binary payload; `size`
 * that of the payload in bytes as it came, text or binary. Texts lie end to end in the order of the records, elsewhere, and
 * so do binaries. The length of a text counts bytes of UTF-8 on the socket and UTF-16 units in the isolate, whichever the
 * text is in.
 */

/** Most calls of one frame, and so of one entry into an isolate. */
export const MAX_BATCH = 256;

/** The id of what is no call, and of no call. */
export const NO_CALL = -1;

/** Ops beside the hooks. A seat that is updated is open, and its connection has been renewed. */
export const SEAT_OP = { open: 7, close: 8, update: 9 } as const;

/** It is no call. */
export function isSeatOp(op: number): boolean {
  return op >= SEAT_OP.open;
}

export interface CallRecord {
  id: number;
  seat: number;
  /** A hook's number, or a `SEAT_OP`. */
  op: number;
  isBinary: boolean;
  isWithheld: boolean;
  textLength: number;
  size: number;
  sequence: number;
  /** Milliseconds since 1970. */
  time: number;
}

const ID = 0;
const SEAT = 1;
const OP = 2;
const TEXT = 3;
const SIZE = 4;
const SEQUENCE = 5;
const TIME = 3; // of float64s
const INTS = 8;
const FLOATS = INTS / 2;

const OP_MASK = 0xff;
const OP_BINARY = 0x100;
const OP_WITHHELD = 0x200;

export const CALL_BYTES = INTS * 4;

/** Records in memory, which may be shared: a view, column by column. */
export class CallRecords {
  readonly bytes: Uint8Array;
  readonly #ints: Int32Array;
  readonly #times: Float64Array;

  /** @param start A multiple of 8. */
  constructor(memory: ArrayBufferLike, start: number, count: number) {
    this.bytes = new Uint8Array(memory, start, count * CALL_BYTES);
    this.#ints = new Int32Array(memory, start, count * INTS);
    this.#times = new Float64Array(memory, start, count * FLOATS);
  }

  write(index: number, record: CallRecord): void {
    const at = index * INTS;
    const ints = this.#ints;
    ints[at + ID] = record.id;
    ints[at + SEAT] = record.seat;
    ints[at + OP] = record.op | (record.isBinary ? OP_BINARY : 0) | (record.isWithheld ? OP_WITHHELD : 0);
    ints[at + TEXT] = record.textLength;
    ints[at + SIZE] = record.size;
    ints[at + SEQUENCE] = record.sequence;
    this.#times[index * FLOATS + TIME] = record.time;
  }

  id(index: number): number {
    return this.#ints[index * INTS + ID] as number;
  }

  seat(index: number): number {
    return this.#ints[index * INTS + SEAT] as number;
  }

  op(index: number): number {
    return (this.#ints[index * INTS + OP] as number) & OP_MASK;
  }

  isBinary(index: number): boolean {
    return ((this.#ints[index * INTS + OP] as number) & OP_BINARY) !== 0;
  }

  isWithheld(index: number): boolean {
    return ((this.#ints[index * INTS + OP] as number) & OP_WITHHELD) !== 0;
  }

  /** Of its bytes among the binaries. */
  binaryLength(index: number): number {
    const op = this.#ints[index * INTS + OP] as number;
    return (op & (OP_BINARY | OP_WITHHELD)) === OP_BINARY ? this.size(index) : 0;
  }

  textLength(index: number): number {
    return this.#ints[index * INTS + TEXT] as number;
  }

  setTextLength(index: number, length: number): void {
    this.#ints[index * INTS + TEXT] = length;
  }

  size(index: number): number {
    return this.#ints[index * INTS + SIZE] as number;
  }

  sequence(index: number): number {
    return (this.#ints[index * INTS + SEQUENCE] as number) >>> 0;
  }

  time(index: number): number {
    return this.#times[index * FLOATS + TIME] as number;
  }

  /** Take over the other's records from this one on. */
  copyFrom(other: CallRecords, first: number): void {
    const { length } = other.#ints;
    if (length - first * INTS === INTS) this.copyOne(other, first);
    else this.#ints.set(first === 0 ? other.#ints : other.#ints.subarray(first * INTS));
  }

  /** Take over one of the other's records as the first: a loop costs less than a view of so little. */
  copyOne(other: CallRecords, index: number): void {
    const [own, ints, at] = [this.#ints, other.#ints, index * INTS];
    for (let i = 0; i < INTS; i++) own[i] = ints[at + i] as number;
  }
}
