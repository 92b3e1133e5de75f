/**
 * The body of a `calls` frame, and of an `upgrades` frame (the same, for the hook that has a limit of its own):
 *
 *   u32 instance │ u32 count │ u32 textBytes │ u32 binaryBytes │ count call records │ texts as UTF-8 │ binaries
 */
import type { HookCall } from "../contract.ts";
import { CALL_BYTES, type CallRecord, CallRecords, MAX_BATCH, NO_CALL, SEAT_OP } from "./call-record.ts";
import type { FrameKind, FrameWriter } from "./frames.ts";

const INSTANCE_AT = 0;
const COUNT_AT = 4;
const TEXT_BYTES_AT = 8;
const BINARY_BYTES_AT = 12;
const RECORDS_AT = 16;

const SLAB_BYTES = 16 * 1024;

type SentCall = Pick<HookCall, "payload" | "sequence" | "time">;

/** Collects the records of one frame, at most `MAX_BATCH`. Payloads are not copied until it is written. */
export class CallsEncoder {
  readonly #records = new CallRecords(new ArrayBuffer(MAX_BATCH * CALL_BYTES), 0, MAX_BATCH);
  /** Written over for each. */
  readonly #record: CallRecord = {
    ...{ id: 0, seat: 0, op: 0, isBinary: false, isWithheld: false },
    ...{ textLength: 0, size: 0, sequence: 0, time: 0 },
  };
  readonly #texts = new Parts();
  readonly #binaries = new Parts();
  #count = 0;

  /** Of records. */
  get count(): number {
    return this.#count;
  }

  get payloadBytes(): number {
    return this.#texts.bytes + this.#binaries.bytes;
  }

  /** @param opening JSON of a `SeatOpening`. */
  openSeat(seat: number, opening: string): void {
    this.#tellSeat(seat, SEAT_OP.open, opening);
  }

  /** @param renewed JSON of a `RenewedContext`. */
  updateSeat(seat: number, renewed: string): void {
    this.#tellSeat(seat, SEAT_OP.update, renewed);
  }

  closeSeat(seat: number): void {
    const record = this.#record;
    record.id = NO_CALL;
    record.seat = seat;
    record.op = SEAT_OP.close;
    record.isBinary = record.isWithheld = false;
    record.textLength = record.size = record.sequence = record.time = 0;
    this.#add();
  }

  call(id: number, seat: number, hook: number, call: SentCall): void {
    this.#describe(id, seat, hook, call);
    if (call.payload.binary) this.#addBinary(call.payload.bytes);
    else this.#addText(call.payload.bytes);
    this.#add();
  }

  /** The same without the payload. */
  callWithheld(id: number, seat: number, hook: number, call: SentCall): void {
    this.#describe(id, seat, hook, call);
    const record = this.#record;
    record.isBinary = call.payload.binary;
    record.isWithheld = true;
    record.textLength = 0;
    this.#add();
  }

  /** Write all of it as one frame, and begin the next. */
  finish(out: FrameWriter, kind: FrameKind, instance: number): void {
    const recordBytes = this.#count * CALL_BYTES;
    const body = out.open(RECORDS_AT + recordBytes + this.payloadBytes);
    const { bytes } = out;
    bytes.writeUInt32LE(instance, body + INSTANCE_AT);
    bytes.writeUInt32LE(this.#count, body + COUNT_AT);
    bytes.writeUInt32LE(this.#texts.bytes, body + TEXT_BYTES_AT);
    bytes.writeUInt32LE(this.#binaries.bytes, body + BINARY_BYTES_AT);
    bytes.set(this.#records.bytes.subarray(0, recordBytes), body + RECORDS_AT);
    const end = this.#texts.moveTo(bytes, body + RECORDS_AT + recordBytes);
    out.seal(kind, this.#binaries.moveTo(bytes, end));
    this.#count = 0;
  }

  /**
   * All of it without a frame, where it is one call.
   *
   * @param into memory for its record
   */
  takeLone(instance: number, into: CallRecords): ReceivedCalls | undefined {
    if (this.#count !== 1 || this.#record.id === NO_CALL) return undefined;
    into.copyOne(this.#records, 0);
    this.#count = 0;
    const bytes = this.#texts.takeOne();
    const text = bytes === undefined ? "" : bufferOf(bytes).toString();
    const isAscii = text.length === bytes?.length;
    if (!isAscii) into.setTextLength(0, text.length);
    const binary = this.#binaries.takeOne();
    return { instance, count: 1, records: into, text, isAscii, binary: binary && new Uint8Array(binary) };
  }

  #tellSeat(seat: number, op: number, text: string): void {
    const record = this.#record;
    record.id = NO_CALL;
    record.seat = seat;
    record.op = op;
    record.size = record.sequence = record.time = 0;
    this.#addText(Buffer.from(text));
    this.#add();
  }

  #describe(id: number, seat: number, hook: number, { payload, sequence, time }: SentCall): void {
    const record = this.#record;
    record.id = id;
    record.seat = seat;
    record.op = hook;
    record.size = payload.bytes.length;
    record.sequence = sequence;
    record.time = time;
  }

  #addText(text: Uint8Array): void {
    this.#texts.add(text);
    this.#record.isBinary = this.#record.isWithheld = false;
    this.#record.textLength = text.length;
  }

  #addBinary(binary: Uint8Array): void {
    this.#binaries.add(binary);
    this.#record.isBinary = true;
    this.#record.isWithheld = false;
    this.#record.textLength = 0;
  }

  #add(): void {
    this.#records.write(this.#count++, this.#record);
  }
}

/** What the frame holds, copied, as the guest is to get it: texts in one string, their lengths in UTF-16 units. */
export interface ReceivedCalls {
  readonly instance: number;
  readonly count: number;
  readonly records: CallRecords;
  readonly text: string;
  /** Of the text: it has as many units as bytes. */
  readonly isAscii: boolean;
  readonly binary: Uint8Array | undefined;
}

export function decodeCalls(bytes: Buffer, body: number): ReceivedCalls {
  const count = bytes.readUInt32LE(body + COUNT_AT);
  const textBytes = bytes.readUInt32LE(body + TEXT_BYTES_AT);
  const binaryBytes = bytes.readUInt32LE(body + BINARY_BYTES_AT);
  const textStart = body + RECORDS_AT + count * CALL_BYTES;
  const binaryStart = textStart + textBytes;
  // Copied: these have to be aligned.
  const records = takeRecords(count);
  records.bytes.set(bytes.subarray(body + RECORDS_AT, textStart));
  let text = bytes.toString("utf8", textStart, binaryStart);
  const isAscii = text.length === textBytes;
  // When a string has as many units as bytes, so has every part of it.
  if (!isAscii) text = readTexts(bytes, textStart, records, count);
  return {
    instance: bytes.readUInt32LE(body + INSTANCE_AT),
    count,
    records,
    text,
    isAscii,
    // Memory of its own: the guest is given the whole of what lies behind a view.
    binary:
      binaryBytes > 0 ? new Uint8Array(bytes.subarray(binaryStart, binaryStart + binaryBytes)) : undefined,
  };
}

/** Records of most frames lie behind each other: memory of its own for each would cost more than what is done with it. */
let slab = new ArrayBuffer(0);
let slabUsed = 0;

function takeRecords(count: number): CallRecords {
  const size = count * CALL_BYTES;
  if (size > SLAB_BYTES / 8) return new CallRecords(new ArrayBuffer(size), 0, count);
  if (slabUsed + size > slab.byteLength) {
    slab = new ArrayBuffer(SLAB_BYTES);
    slabUsed = 0;
  }
  const records = new CallRecords(slab, slabUsed, count);
  slabUsed += size;
  return records;
}

/** Not ASCII: decode each text by itself, to learn its length in UTF-16. */
function readTexts(bytes: Buffer, start: number, records: CallRecords, count: number): string {
  let text = "";
  let at = start;
  for (let i = 0; i < count; i++) {
    const length = records.textLength(i);
    if (length === 0) continue;
    const own = bytes.toString("utf8", at, at + length);
    records.setTextLength(i, own.length);
    text += own;
    at += length;
  }
  return text;
}

/** Payloads until they are written; the list is used again for each frame. */
class Parts {
  readonly #parts: (Uint8Array | undefined)[] = [];
  #count = 0;
  /** Of all of them. */
  bytes = 0;

  add(part: Uint8Array): void {
    this.#parts[this.#count++] = part;
    this.bytes += part.length;
  }

  /** The only one, if there is one and it is not empty. */
  takeOne(): Uint8Array | undefined {
    const part = this.bytes > 0 ? this.#parts[0] : undefined;
    this.#parts[0] = undefined;
    this.#count = this.bytes = 0;
    return part;
  }

  /** End to end. @returns where they end */
  moveTo(into: Buffer, start: number): number {
    let at = start;
    for (let i = 0; i < this.#count; i++) {
      const part = this.#parts[i] as Uint8Array;
      into.set(part, at);
      at += part.length;
      this.#parts[i] = undefined;
    }
    this.#count = this.bytes = 0;
    return at;
  }
}

function bufferOf(bytes: Uint8Array): Buffer {
  return bytes instanceof Buffer ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}
