import { ByteCollector } from "../../wire/byte-collector.ts";
import { isControl, OPCODE } from "../../wire/frame.ts";
import type { FrameScanner } from "../../wire/frame-scanner.ts";
import type { MessageOrigin } from "./flow-trace.ts";
import type { FrameRun, TrafficSink } from "./traffic-tap.ts";

/**
 * Tells a sink of the frames that one pump sees, few words for many frames: what passed as it came is handed over as
 * the run of bytes that it is.
 */
export class PumpTap {
  readonly #scanner: FrameScanner;
  readonly #sink: TrafficSink;
  #chunk: Buffer = nothing;
  #time = 0;
  /** False until a frame begins: what goes on when somebody begins to want to know is not told of. */
  #hasBegun = false;
  /** Where the current frame's header is in the chunk; -1: in an earlier one. */
  #frameFrom = -1;
  /** The run that is going on, made once and handed over again and again. */
  readonly #run: { -readonly [Key in keyof FrameRun]: FrameRun[Key] } = {
    chunk: nothing,
    from: 0,
    to: 0,
    count: 0,
    time: 0,
  };
  /** The kept part of a payload that does not lie whole in one chunk. */
  #parts: ByteCollector | undefined;
  #partBytes = 0;
  /** Of the message that goes on, or has just ended: written over for each. */
  readonly #origin = { isCompressed: false, maskKey: 0, frames: 0 };

  constructor(scanner: FrameScanner, sink: TrafficSink) {
    this.#scanner = scanner;
    this.#sink = sink;
  }

  /** How the message that has just ended came; undefined: it has begun before anybody wanted to know. */
  get origin(): MessageOrigin | undefined {
    return this.#origin.frames === 0 ? undefined : { ...this.#origin };
  }

  /** @param time ms since 1970 */
  startChunk(chunk: Buffer, time: number): void {
    this.#chunk = chunk;
    this.#time = time;
    this.#frameFrom = -1;
    this.#run.chunk = chunk;
    this.#run.count = 0;
    this.#run.time = time;
  }

  endChunk(): void {
    this.#endRun();
    this.#chunk = nothing;
    this.#run.chunk = nothing;
  }

  onHeader(start: number): void {
    this.#hasBegun = true;
    this.#frameFrom = start;
    const { opcode: code, rsv1, maskKey } = this.#scanner;
    const origin = this.#origin;
    if (code === OPCODE.continuation) {
      if (origin.frames > 0) origin.frames++;
    } else if (!isControl(code)) {
      origin.isCompressed = rsv1;
      origin.maskKey = maskKey;
      origin.frames = 1;
    }
  }

  onPayload(from: number, to: number): void {
    if (!this.#hasBegun) return;
    if (this.#frameFrom >= 0 && to - from === this.#scanner.length) return;
    const take = Math.min(to - from, this.#sink.keepBytes - this.#partBytes);
    if (take <= 0) return;
    this.#parts ??= new ByteCollector();
    this.#parts.append(this.#chunk, from, from + take);
    this.#partBytes += take;
  }

  /** A frame that is told of by itself, not as a part of a message that policies read. */
  onFrameEnd(end: number, isDropped: boolean): void {
    if (!this.#hasBegun) return;
    const { length } = this.#scanner;
    const isWhole = this.#parts === undefined && (this.#frameFrom >= 0 || length === 0);
    const { keepBytes } = this.#sink;
    if (isWhole && this.#frameFrom >= 0 && !isDropped && length <= keepBytes) {
      if (this.#run.count === 0 || this.#run.to !== this.#frameFrom) {
        this.#endRun();
        this.#run.from = this.#frameFrom;
      }
      this.#run.to = end;
      this.#run.count++;
      return;
    }
    this.#endRun();
    const payload = isWhole
      ? this.#chunk.subarray(end - length, end - length + Math.min(length, keepBytes))
      : this.#takeParts();
    this.#sink.frame({ header: this.#scanner, payload, time: this.#time, isDropped });
  }

  /** A frame that is part of a message that policies read. */
  skipFrame(): void {
    this.#takeParts();
  }

  /** What came before the message that is told of next. */
  #endRun(): void {
    if (this.#run.count === 0) return;
    this.#sink.frames(this.#run);
    this.#run.count = 0;
  }

  #takeParts(): Buffer {
    const bytes = this.#parts?.take() ?? nothing;
    this.#parts = undefined;
    this.#partBytes = 0;
    return bytes;
  }
}

const nothing = Buffer.alloc(0);
