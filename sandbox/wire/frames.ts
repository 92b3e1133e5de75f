/**
 * The stream between a worker and its sandbox host, in either direction: frames, end to end.
 *
 *   u32 length of the rest │ u8 kind │ body                                                          (little endian)
 *
 * What a body holds is said in the file of its kind; that of `control` is the JSON of a message (`control.ts`).
 */
import type { Writable } from "node:stream";

export const FRAME_KIND = { control: 1, calls: 2, upgrades: 3, results: 4, asks: 5, answers: 6 } as const;

export type FrameKind = (typeof FRAME_KIND)[keyof typeof FRAME_KIND];

const KIND_AT = 4;
const BODY_AT = 5;
/** A longer frame is a bug, or a host gone wrong. */
const MAX_FRAME = 256 * 1024 * 1024;

/** A frame's body is `bytes` from `start` to `end`. */
export type FrameListener = (kind: number, bytes: Buffer, start: number, end: number) => void;

/** Cuts a stream into frames. Bodies are views: they stay valid, and keep their chunk in memory. */
export function createFrameReader(onFrame: FrameListener): (chunk: Buffer) => void {
  let held: Buffer[] = [];
  let heldBytes = 0;
  let needed = 0;

  return (chunk) => {
    let bytes = chunk;
    if (heldBytes > 0) {
      held.push(chunk);
      heldBytes += chunk.length;
      if (heldBytes < needed) return;
      bytes = Buffer.concat(held, heldBytes);
    }
    let at = 0;
    needed = BODY_AT;
    while (bytes.length - at >= BODY_AT) {
      const length = bytes.readUInt32LE(at);
      if (length > MAX_FRAME) throw new RangeError(`a frame of ${length} bytes cannot be right`);
      const end = at + KIND_AT + length;
      if (bytes.length < end) {
        needed = end - at;
        break;
      }
      onFrame(bytes.readUInt8(at + KIND_AT), bytes, at + BODY_AT, end);
      at = end;
    }
    heldBytes = bytes.length - at;
    held = heldBytes > 0 ? [bytes.subarray(at)] : [];
  };
}

/** The message that a `control` frame holds. */
export function readControl<Message>(bytes: Buffer, start: number, end: number): Message {
  return JSON.parse(bytes.toString("utf8", start, end));
}

const FIRST_SIZE = 64 * 1024;
/** Buffers up to this size are used again. */
const KEPT_SIZE = 4 * 1024 * 1024;

/** Collects the frames of one loop turn, to leave in one write. */
export class FrameWriter {
  #bytes: Buffer = Buffer.allocUnsafeSlow(FIRST_SIZE);
  #end = 0;
  #spare: Buffer[] = [];

  /** Where the body of an open frame is written: another buffer after each `open`. */
  get bytes(): Buffer {
    return this.#bytes;
  }

  /** Begin a frame whose body has at most so many bytes. @returns where in `bytes` the body begins */
  open(maxBody: number): number {
    this.#reserve(BODY_AT + maxBody);
    return this.#end + BODY_AT;
  }

  /** The body of the open frame ends here: the frame is whole. */
  seal(kind: FrameKind, end: number): void {
    this.#bytes.writeUInt32LE(end - this.#end - KIND_AT, this.#end);
    this.#bytes.writeUInt8(kind, this.#end + KIND_AT);
    this.#end = end;
  }

  control(message: object): void {
    const text = JSON.stringify(message);
    const body = this.open(text.length * 3);
    this.seal(FRAME_KIND.control, body + this.#bytes.write(text, body));
  }

  /** One write of everything. The buffer comes back when the kernel has taken it. */
  flush(socket: Pick<Writable, "write">): void {
    if (this.#end === 0) return;
    const bytes = this.#bytes;
    const frames = bytes.subarray(0, this.#end);
    this.#bytes = this.#spare.pop() ?? Buffer.allocUnsafeSlow(FIRST_SIZE);
    this.#end = 0;
    socket.write(frames, () => {
      if (bytes.length <= KEPT_SIZE && this.#spare.length < 2) this.#spare.push(bytes);
    });
  }

  #reserve(count: number): void {
    const needed = this.#end + count;
    if (needed <= this.#bytes.length) return;
    let size = this.#bytes.length;
    while (size < needed) size *= 2;
    const grown = Buffer.allocUnsafeSlow(size);
    this.#bytes.copy(grown, 0, 0, this.#end);
    this.#bytes = grown;
  }
}
