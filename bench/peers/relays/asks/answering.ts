import { isAscii, isUtf8 } from "node:buffer";
import { createMaskKeys } from "../../../../core/wire/mask.ts";
import type { Batch } from "./batch.ts";
import { headerBytesOf, LONG_HEADER, writeFrame } from "./client-frames.ts";
import { memoryOf, type Place } from "./memory.ts";
import { ANSWER_BYTES, COUNT_AT, DROPPED, HEAD_BYTES, UNCHANGED } from "./records.ts";
import type { Reused, ReusedMemory } from "./reused-memory.ts";
import type { SocketWrites, TurnWrites } from "./turn-writes.ts";

const BLOCK_BYTES = 64 * 1024;

export interface Receiver {
  readonly writes: SocketWrites;
}

/** Makes the text of the frame that leaves of what was answered about a message. */
export type TextOf = (answer: Place, message: Place) => Place;

/** What has been answered goes on: a frame as it came, or a new one. */
export class Answering {
  readonly #memory: ReusedMemory;
  readonly #turn: TurnWrites;
  readonly #textOf: TextOf;
  readonly #maskKeys = createMaskKeys();
  /** New frames, one behind the other. */
  #block: Reused | undefined;
  #blockAt = 0;

  constructor(memory: ReusedMemory, turn: TurnWrites, textOf: TextOf) {
    this.#memory = memory;
    this.#turn = turn;
    this.#textOf = textOf;
  }

  /** Every number is looked at before it is used, and every text is UTF-8. */
  take(batch: Batch<Receiver>, bytes: Buffer, from: number, to: number): void {
    const memory = memoryOf(bytes);
    const count = bytes.readUInt32LE(from + COUNT_AT);
    if (count !== batch.count) throw new Error(`answers to ${count} of ${batch.count} messages`);
    let lengthAt = from + HEAD_BYTES;
    let textAt = lengthAt + count * ANSWER_BYTES;
    if (textAt > to) throw new Error("answers that end before their texts");
    const isPlain = isAscii(bytes.subarray(textAt, to));
    for (const { sender, frames, from: runAt, messages } of batch.runs) {
      let frameAt = runAt;
      for (let i = 0; i < messages; i++, lengthAt += ANSWER_BYTES) {
        const message = batch.next();
        const frameEnd = frameAt + headerBytesOf(message) + message;
        const length = bytes.readInt32LE(lengthAt);
        if (length === UNCHANGED) sender.writes.add(frames, frameAt, frameEnd);
        else if (length !== DROPPED) {
          const end = textAt + length;
          if (end < textAt || end > to) throw new Error(`an answer of ${length} bytes`);
          if (!isPlain && !isUtf8(bytes.subarray(textAt, end))) throw new Error("an answer that is no text");
          const place = { memory: batch.memory, from: batch.textEnd - message, to: batch.textEnd };
          this.#send(sender.writes, this.#textOf({ memory, from: textAt, to: end }, place));
          textAt = end;
        }
        frameAt = frameEnd;
      }
      if (--frames.uses === 0) this.#turn.finish(frames);
    }
    if (textAt !== to) throw new Error("answers with more texts than they have");
  }

  endTurn(): void {
    if (this.#block !== undefined) this.#turn.finish(this.#block);
    this.#block = undefined;
    this.#turn.flush();
  }

  #send(writes: SocketWrites, text: Place): void {
    const most = LONG_HEADER + text.to - text.from;
    if (this.#block === undefined || this.#blockAt + most > this.#block.bytes.length) {
      if (this.#block !== undefined) this.#turn.finish(this.#block);
      this.#block = this.#memory.take(Math.max(BLOCK_BYTES, most));
      this.#blockAt = 0;
    }
    const at = this.#blockAt;
    this.#blockAt = writeFrame(text, this.#maskKeys(), this.#block, at);
    writes.add(this.#block, at, this.#blockAt);
  }
}
