import { isControl, OPCODE } from "../wire/frame.ts";
import { FrameScanner, type FrameSink } from "../wire/frame-scanner.ts";

export interface AnswersOwner {
  onPing(payload: Buffer): void;
  /** It has closed, or broken the protocol: nothing of it is looked at any more. @param payload of its Close */
  onLast(payload: Buffer | undefined): void;
}

/** What a mirror sends: of all of it only pings and its Close are looked at. */
export class MirrorAnswers implements FrameSink {
  readonly #owner: AnswersOwner;
  readonly #scanner = new FrameScanner({
    masked: false,
    allowRsv1: false,
    maxMessageBytes: Number.POSITIVE_INFINITY,
  });
  #payload = Buffer.alloc(0);
  #chunk: Buffer = Buffer.alloc(0);
  #carry: Buffer = Buffer.alloc(0);
  #isOver = false;

  constructor(owner: AnswersOwner) {
    this.#owner = owner;
  }

  take(bytes: Buffer): void {
    if (this.#isOver) return;
    const chunk = this.#carry.length === 0 ? bytes : Buffer.concat([this.#carry, bytes]);
    this.#chunk = chunk;
    const used = this.#scanner.scan(chunk, this);
    this.#carry = Buffer.from(chunk.subarray(used));
    if (this.#scanner.fault !== undefined) this.#end(undefined);
  }

  onHeader(): void {
    const { opcode: code, length } = this.#scanner;
    if (isControl(code)) this.#payload = Buffer.alloc(length);
  }

  onPayload(from: number, to: number): void {
    const { opcode: code, position } = this.#scanner;
    if (isControl(code)) this.#payload.set(this.#chunk.subarray(from, to), position);
  }

  onFrameEnd(): void {
    const { opcode: code } = this.#scanner;
    if (code === OPCODE.ping && !this.#isOver) this.#owner.onPing(this.#payload);
    if (code === OPCODE.close) this.#end(this.#payload);
  }

  #end(payload: Buffer | undefined): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#owner.onLast(payload);
  }
}
