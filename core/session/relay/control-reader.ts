import { ByteCollector } from "../../wire/byte-collector.ts";
import { type CloseStatus, parseClosePayload } from "../../wire/close-payload.ts";
import { OPCODE } from "../../wire/frame.ts";
import type { FrameScanner } from "../../wire/frame-scanner.ts";
import { applyMask, turnKey } from "../../wire/mask.ts";
import type { PumpFrameKind } from "./pump-mode.ts";

/** The sender has closed, or broken the protocol. */
export interface SenderLast {
  readonly status: CloseStatus;
  readonly cause: "peer" | "wire-fault";
}

/** Reads what does not simply pass of control frames: a Close, and pongs that may answer the gateway's own pings. */
export class ControlReader {
  readonly #scanner: FrameScanner;
  readonly #ownPong: Buffer | undefined;
  /** Unmasked, as far as it has come. */
  #payload: Buffer = nothing;
  #raw: ByteCollector | undefined;

  /** @param ownPong the payload of those pongs; undefined when there are none */
  constructor(scanner: FrameScanner, ownPong: Buffer | undefined) {
    this.#scanner = scanner;
    this.#ownPong = ownPong;
  }

  /**
   * The scanner is at a control frame's header.
   *
   * @param isHeldUp what is on its way before it is held: a ping or pong is to go past that, as a whole
   */
  begin(isHeldUp = false): PumpFrameKind {
    const { opcode: code, length } = this.#scanner;
    const isClose = code === OPCODE.close;
    const isLikeOurs = code === OPCODE.pong && length === this.#ownPong?.length;
    if (!isClose && !isLikeOurs && !isHeldUp) return "control";
    this.#payload = Buffer.allocUnsafe(length);
    return isClose ? "close" : "pong";
  }

  addPayload(chunk: Buffer, from: number, to: number): void {
    const { maskKey, position } = this.#scanner;
    this.#payload.set(chunk.subarray(from, to), position);
    applyMask(this.#payload, position, position + to - from, turnKey(maskKey, position));
  }

  /** Hold bytes of a pong's frame that will not be there when it ends. */
  keepRaw(chunk: Buffer, from: number, to: number): void {
    this.#raw ??= new ByteCollector();
    this.#raw.append(chunk, from, to);
  }

  /** The pong has ended: the bytes that were kept of it. */
  takeRaw(): Buffer {
    return this.#raw?.take() ?? nothing;
  }

  /** Whether the pong that has ended answers a ping of the gateway's. */
  get isOwnPong(): boolean {
    return this.#ownPong?.equals(this.#payload) === true;
  }

  /** What the Close that has ended says. */
  parseClose(): SenderLast {
    const parsed = parseClosePayload(this.#payload);
    if ("fault" in parsed) return { status: parsed.fault, cause: "wire-fault" };
    return { status: parsed.status, cause: "peer" };
  }
}

const nothing = Buffer.alloc(0);
