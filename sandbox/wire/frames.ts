/**
 * The stream between a worker and its sandbox host, in either direction: frames, end to end.
 *
 *   u32 length of the rest │ u8 kind │ body                                                          (little endian)
 *
 * What a body holds is said in the file of its kind; that of `control` is the JSON of a message (`control.ts`).
 */
import { HostNonsense } from "./nonsense.ts";

export const FRAME_KIND = { control: 1, calls: 2, upgrades: 3, results: 4, asks: 5, answers: 6 } as const;

export type FrameKind = (typeof FRAME_KIND)[keyof typeof FRAME_KIND];

const KIND_AT = 4;
const BODY_AT = 5;
/** A longer frame is a bug. */
const MAX_FRAME = 256 * 1024 * 1024;

const FIRST_SIZE = 64 * 1024;
/** Buffers up to this size are used again. */
const KEPT_SIZE = 4 * 1024 * 1024;
const NOTHING = 0;

/** A frame's body is `bytes` from `start` to `end`. */
export type FrameListener = (kind: number, bytes: Buffer, start: number, end: number) => void;

/** How long a frame of this kind may be. 0: there is no such frame. */
export type FrameLimit = (kind: number) => number;

/** What a reader of frames does not do as it does by default. */
export interface FrameReaderOptions {
  readonly maxLength?: FrameLimit;
  /** Memory for a frame that comes in parts. By default each has its own, and so stays valid. */
  readonly allocate?: (size: number) => Buffer;
  /** The memory of a chunk is that of the next one: a frame that lies whole in it is copied like one that does not. */
  readonly areChunksPassing?: boolean;
}

/**
 * Cuts a stream into frames. Bodies are views of a chunk, or of the memory of their frame. A frame that comes in parts
 * gets that when its length is known, and is within the limit or the end: throws a `HostNonsense`.
 */
export function createFrameReader(
  onFrame: FrameListener,
  {
    maxLength = () => MAX_FRAME,
    allocate = Buffer.allocUnsafeSlow,
    areChunksPassing = false,
  }: FrameReaderOptions = {},
): (chunk: Buffer) => void {
  /** Of the next frame, if it was cut. */
  const head = Buffer.alloc(BODY_AT);
  let headBytes = 0;
  /** That is not whole yet. */
  let frame: Buffer | undefined;
  let frameBytes = 0;

  /** @returns the length of the frame whose head lies there, that of the first field included */
  function measure(bytes: Buffer, at: number): number {
    const length = bytes.readUInt32LE(at);
    const kind = bytes.readUInt8(at + KIND_AT);
    const limit = maxLength(kind);
    if (length === 0 || length > limit)
      throw new HostNonsense(`a frame of kind ${kind} and ${length} bytes, where ${limit} are the most`);
    return KIND_AT + length;
  }

  function begin(bytes: Buffer, at: number): Buffer {
    frameBytes = 0;
    frame = allocate(measure(bytes, at));
    return frame;
  }

  /** @returns where the bytes end that belong to the frame under way */
  function collect(into: Buffer, chunk: Buffer, at: number): number {
    const taken = chunk.copy(into, frameBytes, at);
    frameBytes += taken;
    if (frameBytes === into.length) {
      frame = undefined;
      onFrame(into.readUInt8(KIND_AT), into, BODY_AT, into.length);
    }
    return at + taken;
  }

  return (chunk) => {
    let at = 0;
    while (at < chunk.length) {
      if (frame !== undefined) {
        at = collect(frame, chunk, at);
        continue;
      }
      const left = chunk.length - at;
      if (headBytes === 0 && left >= BODY_AT) {
        const end = at + measure(chunk, at);
        if (end <= chunk.length && !areChunksPassing) {
          onFrame(chunk.readUInt8(at + KIND_AT), chunk, at + BODY_AT, end);
          at = end;
        } else at = collect(begin(chunk, at), chunk, at);
        continue;
      }
      const taken = chunk.copy(head, headBytes, at);
      headBytes += taken;
      at += taken;
      if (headBytes < BODY_AT) return;
      headBytes = 0;
      collect(begin(head, 0), head, 0);
    }
  };
}

/** Memory for one frame after another: each is valid until the next. */
export function createFrameMemory(): (size: number) => Buffer {
  let kept: Buffer = Buffer.allocUnsafeSlow(FIRST_SIZE);
  return (size) => {
    if (size > KEPT_SIZE) return Buffer.allocUnsafeSlow(size);
    if (size > kept.length) kept = Buffer.allocUnsafeSlow(2 ** Math.ceil(Math.log2(size)));
    return kept.subarray(0, size);
  };
}

/** The message that a `control` frame of the client holds. */
export function readControl<Message>(bytes: Buffer, start: number, end: number): Message {
  return JSON.parse(bytes.toString("utf8", start, end));
}

/** A socket, or what takes frames like one: the bytes are valid until it says that it has taken them. */
export interface FrameOutlet {
  write(frames: Buffer, taken: () => void): unknown;
  /** 0: it has taken what was written. */
  readonly writableLength?: number;
}

/** Collects the frames of one loop turn, to leave in one write. */
export class FrameWriter {
  #bytes: Buffer = Buffer.allocUnsafeSlow(FIRST_SIZE);
  /** Before it lies what has been taken. */
  #start = 0;
  #end = 0;
  #spare: Buffer | undefined;
  #writes = 0;
  /** The write that has not been taken yet. */
  #leaving = NOTHING;

  get isEmpty(): boolean {
    return this.#start === this.#end;
  }

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

  /**
   * One write of everything, at a time: what comes while a receiver is too slow for that is collected in the other buffer, and
   * leaves when it may.
   */
  flush(socket: FrameOutlet): void {
    if (this.#end === 0 || this.#leaving !== NOTHING) return;
    const bytes = this.#bytes;
    const frames = bytes.subarray(0, this.#end);
    this.#bytes =
      this.#spare ?? Buffer.allocUnsafeSlow(bytes.length <= KEPT_SIZE ? bytes.length : FIRST_SIZE);
    this.#spare = undefined;
    this.#end = 0;
    const write = ++this.#writes;
    this.#leaving = write;
    let hasReturned = false;
    const onTaken = (): void => {
      if (this.#leaving !== write) return;
      this.#leaving = NOTHING;
      if (bytes.length <= KEPT_SIZE) this.#spare = bytes;
      if (hasReturned) this.flush(socket);
    };
    socket.write(frames, onTaken);
    hasReturned = true;
    // A socket says so only in the next tick.
    if (socket.writableLength === 0) onTaken();
  }

  /** Everything, for whoever may keep views of it: that memory is not written again. Not together with `flush`. */
  take(): Buffer {
    const frames = this.#bytes.subarray(this.#start, this.#end);
    this.#start = this.#end;
    if (this.#bytes.length > KEPT_SIZE) {
      this.#bytes = Buffer.allocUnsafeSlow(FIRST_SIZE);
      this.#start = this.#end = 0;
    }
    return frames;
  }

  #reserve(count: number): void {
    if (this.#end + count <= this.#bytes.length) return;
    const needed = this.#end - this.#start + count;
    let size = this.#start > 0 ? FIRST_SIZE : this.#bytes.length;
    while (size < needed) size *= 2;
    const grown = Buffer.allocUnsafeSlow(size);
    this.#bytes.copy(grown, 0, this.#start, this.#end);
    this.#bytes = grown;
    this.#end -= this.#start;
    this.#start = 0;
  }
}
