import type { Socket } from "node:net";
import { FRAME_HEADER, frameKind, MAX_FRAME } from "./protocol.ts";

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
    needed = FRAME_HEADER;
    while (bytes.length - at >= FRAME_HEADER) {
      const length = bytes.readUInt32LE(at);
      if (length > MAX_FRAME) throw new RangeError(`a frame of ${length} bytes cannot be right`);
      if (bytes.length - at < length + 4) {
        needed = length + 4;
        break;
      }
      onFrame(bytes[at + 4]!, bytes, at + FRAME_HEADER, at + 4 + length);
      at += length + 4;
    }
    heldBytes = bytes.length - at;
    held = heldBytes > 0 ? [bytes.subarray(at)] : [];
  };
}

const FIRST_SIZE = 64 * 1024;
/** Buffers up to this size are used again. */
const KEPT_SIZE = 4 * 1024 * 1024;

/** Collects the frames of one loop turn, to leave in one write. */
export class FrameWriter {
  bytes: Buffer = Buffer.allocUnsafeSlow(FIRST_SIZE);
  end = 0;
  #spare: Buffer[] = [];

  /** Make room for so many bytes at `end`. */
  reserve(count: number): void {
    if (this.end + count <= this.bytes.length) return;
    let size = this.bytes.length;
    while (size < this.end + count) size *= 2;
    const grown = Buffer.allocUnsafeSlow(size);
    this.bytes.copy(grown, 0, 0, this.end);
    this.bytes = grown;
  }

  /** Write the header of a frame that began at `start` and ends at `end`. */
  seal(start: number, kind: number): void {
    this.bytes.writeUInt32LE(this.end - start - 4, start);
    this.bytes[start + 4] = kind;
  }

  control(message: object): void {
    const text = JSON.stringify(message);
    const start = this.end;
    this.reserve(FRAME_HEADER + text.length * 3);
    this.end += FRAME_HEADER + this.bytes.write(text, start + FRAME_HEADER);
    this.seal(start, frameKind.control);
  }

  /** One write of everything. The buffer comes back when the kernel has taken it. */
  flush(socket: Socket): void {
    if (this.end === 0) return;
    const { bytes } = this;
    const frames = bytes.subarray(0, this.end);
    this.bytes = this.#spare.pop() ?? Buffer.allocUnsafeSlow(FIRST_SIZE);
    this.end = 0;
    socket.write(frames, () => {
      if (bytes.length <= KEPT_SIZE && this.#spare.length < 2) this.#spare.push(bytes);
    });
  }
}
