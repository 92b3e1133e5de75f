import { isAscii, isUtf8 } from "node:buffer";
import { copyPayload, headerBytesOf } from "./client-frames.ts";
import { memoryOf } from "./memory.ts";
import { COUNT_AT, HEAD_BYTES, MOST_RECORDS, MOST_TEXT, RECORD_BYTES } from "./records.ts";
import type { Reused } from "./reused-memory.ts";

const TEXTS_AT = HEAD_BYTES + MOST_RECORDS * RECORD_BYTES;

/** Frames that have been read together of one connection, one behind the other. */
export interface Run<Sender> {
  readonly sender: Sender;
  readonly frames: Reused;
  readonly from: number;
  messages: number;
}

/** What is asked in one frame. It stays until it is answered; then its memory is used again. */
export class Batch<Sender> {
  /** Texts from a fixed place on, and the records in front of them once it is known how many there are. */
  readonly memory = memoryOf(Buffer.allocUnsafeSlow(TEXTS_AT + MOST_TEXT));
  readonly runs: Run<Sender>[] = [];
  readonly #records = new Uint32Array(MOST_RECORDS * 2);
  readonly #recordBytes = Buffer.from(this.#records.buffer);
  #count = 0;
  #end = TEXTS_AT;
  /** The record that is looked at, and its text. */
  #at = 0;
  #textAt = TEXTS_AT;

  get count(): number {
    return this.#count;
  }

  hasRoomFor(bytes: number): boolean {
    return this.#count < MOST_RECORDS && this.#end + bytes <= TEXTS_AT + MOST_TEXT;
  }

  /** A message of the last run. */
  add(connection: number, frames: Reused, frameAt: number, length: number): void {
    const record = this.#count++ * 2;
    this.#records[record] = connection;
    this.#records[record + 1] = length;
    const from = frameAt + headerBytesOf(length);
    this.#end = copyPayload(frames, { from, to: from + length }, this.memory, this.#end);
  }

  /** Checks all texts. @returns the frame, with them or without */
  seal(hasTexts: boolean): Buffer {
    const { bytes, view } = this.memory;
    if (!isAscii(bytes.subarray(TEXTS_AT, this.#end))) this.#checkEach();
    const from = TEXTS_AT - this.#count * RECORD_BYTES - HEAD_BYTES;
    const to = hasTexts ? this.#end : TEXTS_AT;
    view.setUint32(from, to - from, true);
    view.setUint32(from + COUNT_AT, this.#count, true);
    bytes.set(this.#recordBytes.subarray(0, this.#count * RECORD_BYTES), from + HEAD_BYTES);
    return bytes.subarray(from, to);
  }

  /** Of the message that is next, in the order in which they came: its bytes. */
  next(): number {
    const length = this.#records[this.#at++ * 2 + 1] as number;
    this.#textAt += length;
    return length;
  }

  /** Where the text of that message ends. */
  get textEnd(): number {
    return this.#textAt;
  }

  clear(): void {
    this.#count = this.#at = 0;
    this.#end = this.#textAt = TEXTS_AT;
    while (this.runs.length > 0) this.runs.pop();
  }

  #checkEach(): void {
    let at = TEXTS_AT;
    for (let i = 0; i < this.#count; i++) {
      const end = at + (this.#records[i * 2 + 1] as number);
      if (!isUtf8(this.memory.bytes.subarray(at, end))) throw new Error("a message that is no text");
      at = end;
    }
  }
}
