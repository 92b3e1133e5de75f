import { spawn } from "node:child_process";
import type { Socket } from "node:net";
import { fileURLToPath } from "node:url";
import { ANSWER_BYTES, COUNT_BYTES, HEAD_BYTES, type Question, SOCKET_FD } from "./records.ts";
import type { ReusedMemory } from "./reused-memory.ts";

/** A message within what has been read. */
export interface Place {
  readonly bytes: Buffer;
  readonly from: number;
  readonly to: number;
}

/** Done with from here on: the front of the list is cut off. */
const MOST_DONE = 4096;

/** Asks the other process about messages: those of a turn in one write, one that comes alone at once. */
export class Asking<Asked extends Place> {
  readonly socket: Socket;
  readonly #memory: ReusedMemory;
  readonly #hasTexts: boolean;
  readonly #answerBytes: number;
  #unsent: Asked[] = [];
  readonly #sent: Asked[] = [];
  #done = 0;
  #answered = 0;
  #isSending = false;

  constructor(question: Question, memory: ReusedMemory) {
    const file = fileURLToPath(new URL("asked.ts", import.meta.url));
    const flags = ["--no-warnings", "--no-node-snapshot", "--no-turboshaft-loop-unrolling"];
    const child = spawn(process.execPath, [...flags, file, question], {
      stdio: ["ignore", "inherit", "inherit", "pipe"],
    });
    this.socket = child.stdio[SOCKET_FD] as Socket;
    this.#memory = memory;
    this.#hasTexts = question === "looks";
    this.#answerBytes = ANSWER_BYTES[question];
  }

  add(message: Asked): void {
    this.#unsent.push(message);
    if (this.#isSending) return;
    this.#isSending = true;
    if (this.#done === this.#sent.length) process.nextTick(() => this.#send());
    else setImmediate(() => this.#send());
  }

  /** So many bytes have come back: answers are in order, and nobody looks into them. */
  answered(bytes: number, onAnswer: (message: Asked) => void): void {
    this.#answered += bytes;
    for (; this.#answered >= this.#answerBytes; this.#answered -= this.#answerBytes) {
      const message = this.#sent[this.#done++];
      if (message !== undefined) onAnswer(message);
    }
    if (this.#done < MOST_DONE && this.#done < this.#sent.length) return;
    this.#sent.splice(0, this.#done);
    this.#done = 0;
  }

  /** A count, what is said of each message, and their texts end to end. */
  #send(): void {
    this.#isSending = false;
    const batch = this.#unsent;
    this.#unsent = [];
    const textFrom = COUNT_BYTES + HEAD_BYTES * batch.length;
    let end = textFrom;
    if (this.#hasTexts) for (const { from, to } of batch) end += to - from;
    const frame = this.#memory.take(end);
    frame.writeUInt32LE(batch.length);
    let headAt = COUNT_BYTES;
    let textAt = textFrom;
    for (const message of batch) {
      const { bytes, from, to } = message;
      frame.writeUInt32LE(to - from, headAt);
      headAt += HEAD_BYTES;
      if (this.#hasTexts) textAt += bytes.copy(frame, textAt, from, to);
      this.#sent.push(message);
    }
    this.#memory.write(this.socket, frame, 0, end);
    this.#memory.give(frame);
  }
}
