import type { FrameWriter } from "../frames.ts";
import {
  BATCH_HEADER,
  CALL_INTS,
  call,
  FRAME_HEADER,
  frameKind,
  MAX_BATCH,
  OP_BINARY,
  op,
} from "../protocol.ts";
import { BatchCounts } from "./call-counts.ts";
import type { Task } from "./task.ts";

/** Longer batches are cut: one entry should not have to take in more text at a time. */
const MAX_BYTES = 256 * 1024;
const NO_TASK = -1;

/** Writes `calls` frames: what one turn has for one instance, at most `MAX_BATCH` records each. */
export class BatchWriter {
  readonly counts = new BatchCounts();
  readonly #records = new Int32Array(MAX_BATCH * CALL_INTS);
  readonly #times = new Float64Array(this.#records.buffer);
  readonly #bytes = new Uint8Array(this.#records.buffer);
  #texts: Uint8Array[] = [];
  #binaries: Uint8Array[] = [];
  #textBytes = 0;
  #binaryBytes = 0;
  #count = 0;
  #instance = 0;
  #kind: number = frameKind.calls;
  #out: FrameWriter | undefined;

  /** What follows is for this instance; `finish` ends it. */
  start(out: FrameWriter, instance: number): void {
    this.#out = out;
    this.#instance = instance;
  }

  openSeat(seat: number, opening: string): void {
    if (this.#isFull(2)) this.finish();
    const text = Buffer.from(opening);
    this.#texts.push(text);
    this.#textBytes += text.length;
    this.#add(NO_TASK, seat, op.openSeat, text.length, 0, 0, 0);
  }

  closeSeat(seat: number): void {
    if (this.#isFull(1)) this.finish();
    this.#add(NO_TASK, seat, op.closeSeat, 0, 0, 0, 0);
  }

  call(task: Task): void {
    const { hook, call: own } = task;
    const { bytes, binary } = own.payload;
    const kind = hook === op.upgrade ? frameKind.upgrades : frameKind.calls;
    if (this.#isFull(1) || (this.#kind !== kind && this.#calls > 0)) this.finish();
    this.#kind = kind;
    this.#calls++;
    if (binary) {
      this.#binaries.push(bytes);
      this.#binaryBytes += bytes.length;
    } else {
      this.#texts.push(bytes);
      this.#textBytes += bytes.length;
    }
    const textLength = binary ? 0 : bytes.length;
    const code = binary ? hook | OP_BINARY : hook;
    this.#add(task.id, task.seat.index, code, textLength, bytes.length, own.sequence, own.time);
  }

  #calls = 0;

  finish(): void {
    const out = this.#out;
    if (!out || this.#count === 0) return;
    const recordBytes = this.#count * CALL_INTS * 4;
    out.reserve(FRAME_HEADER + BATCH_HEADER + recordBytes + this.#textBytes + this.#binaryBytes);
    const start = out.end;
    const { bytes } = out;
    const head = start + FRAME_HEADER;
    bytes.writeUInt32LE(this.#instance, head);
    bytes.writeUInt32LE(this.#count, head + 4);
    bytes.writeUInt32LE(this.#textBytes, head + 8);
    bytes.writeUInt32LE(this.#binaryBytes, head + 12);
    bytes.set(this.#bytes.subarray(0, recordBytes), head + BATCH_HEADER);
    let at = copyAll(this.#texts, bytes, head + BATCH_HEADER + recordBytes);
    at = copyAll(this.#binaries, bytes, at);
    out.end = at;
    out.seal(start, this.#kind);
    this.#texts.length = 0;
    this.#binaries.length = 0;
    this.#textBytes = this.#binaryBytes = this.#count = 0;
    if (this.#calls > 0) this.counts.add(this.#calls);
    this.#calls = 0;
    this.#kind = frameKind.calls;
  }

  #isFull(more: number): boolean {
    return this.#count + more > MAX_BATCH || this.#textBytes + this.#binaryBytes > MAX_BYTES;
  }

  #add(
    id: number,
    seat: number,
    code: number,
    text: number,
    size: number,
    sequence: number,
    time: number,
  ): void {
    const at = this.#count * CALL_INTS;
    const records = this.#records;
    records[at + call.id] = id;
    records[at + call.seat] = seat;
    records[at + call.op] = code;
    records[at + call.text] = text;
    records[at + call.size] = size;
    records[at + call.sequence] = sequence;
    this.#times[(at + call.time) >> 1] = time;
    this.#count++;
  }
}

function copyAll(parts: readonly Uint8Array[], into: Buffer, start: number): number {
  let at = start;
  for (const part of parts) {
    into.set(part, at);
    at += part.length;
  }
  return at;
}
