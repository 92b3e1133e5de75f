import type { Seat, Side } from "../../../sandbox/contract.ts";
import type { SideLimits } from "../../config/index.ts";
import { OPCODE, type WireFault } from "../../wire/frame.ts";
import type { FrameScanner } from "../../wire/frame-scanner.ts";
import { admitFrame, type RateGate } from "../limits/rate-gate.ts";
import {
  hasContext,
  isReadWithoutPolicies,
  mayLeaveAsItCame,
  type PumpDeflate,
} from "../relay/pump-deflate.ts";
import { FlowTrace } from "../tap/flow-trace.ts";
import type { PumpTap } from "../tap/pump-tap.ts";
import { MessageAssembler } from "./message-assembler.ts";
import { type FlowClose, type FlowOwner, MessageFlow } from "./message-flow.ts";

export interface IntakeOptions {
  /** Whose messages they are. */
  readonly origin: Side;
  /** The policies that each of them passes. */
  readonly chains: ChainSource;
  readonly deflate: PumpDeflate;
  readonly limits: SideLimits;
  /** Undefined when as many messages may come as like to. */
  readonly rate: RateGate | undefined;
}

export interface ChainSource {
  /** Asked as a message begins, for a reload may have changed the answer; empty: the message's bytes are spliced. */
  chain(origin: Side): readonly Seat[];
}

/** Why the connection is to end, and what both peers are told. */
export type DecidedClose = FlowClose | typeof RATE_CLOSE | typeof UNREADABLE_CLOSE;

/** Which messages come in, which of them are read, and the flows that they become. */
export class MessageIntake {
  readonly #options: IntakeOptions;
  readonly #scanner: FrameScanner;
  readonly #tap: PumpTap | undefined;
  readonly #flowOwner: FlowOwner;
  readonly #assembler: MessageAssembler;
  /** The policies that wait for the message being put together. */
  #chain: readonly Seat[] = [];
  #time = 0;

  constructor(options: IntakeOptions, scanner: FrameScanner, tap: PumpTap | undefined, flowOwner: FlowOwner) {
    this.#options = options;
    this.#scanner = scanner;
    this.#tap = tap;
    this.#flowOwner = flowOwner;
    const { limits, deflate } = options;
    this.#assembler = new MessageAssembler(scanner, limits.maxMessageBytes, deflate.maxRatio);
  }

  /**
   * A data frame's header is here, of a message that is not skipped.
   *
   * @returns what begins with it; undefined when it goes the way that its message goes, or when that is the splice
   */
  begin(): "message-read" | "message-refused" | DecidedClose | undefined {
    const { origin, chains, deflate, rate } = this.#options;
    const { opcode: code, length, rsv1 } = this.#scanner;
    const isFirst = code !== OPCODE.continuation;
    const word = rate === undefined ? "pass" : admitFrame(rate, isFirst, length);
    if (word === "drop") return "message-refused";
    if (word === "close") return RATE_CLOSE;
    if (!isFirst) return undefined;
    const chain = chains.chain(origin);
    if (chain.length === 0 && !isReadWithoutPolicies(deflate, rsv1)) return undefined;
    if (hasContext(deflate)) return UNREADABLE_CLOSE;
    this.#chain = chain;
    this.#assembler.begin();
    return "message-read";
  }

  /** @param time when it came, ms since 1970 */
  startChunk(time: number): void {
    this.#time = time;
    this.#assembler.startChunk();
  }

  endChunk(): void {
    this.#assembler.startChunk();
  }

  addPayload(chunk: Buffer, from: number, to: number): void {
    this.#assembler.addPayload(chunk, from, to);
  }

  /** Bytes of the message's frames that will not be there when it is finished. */
  keepRaw(chunk: Buffer, from: number, to: number): void {
    this.#assembler.keepRaw(chunk, from, to);
  }

  /** The last frame has ended; `chunk[from..to)` is the end of its frames. `sequence` is the message's number. */
  finish(
    chunk: Buffer,
    from: number,
    to: number,
    sequence: number,
  ): MessageFlow | { readonly fault: WireFault } {
    const message = this.#assembler.finish(chunk, from, to);
    if ("fault" in message) return message;
    const { isCompressed, payload } = message;
    const { deflate } = this.#options;
    const raw = mayLeaveAsItCame(deflate, isCompressed, payload.bytes.length) ? message.raw : undefined;
    const trace = this.#tap && new FlowTrace(this.#tap.origin, payload, this.#time);
    return new MessageFlow(this.#flowOwner, this.#chain, { raw, payload, sequence, time: this.#time, trace });
  }
}

/** The sender has sent more than it may. */
const RATE_CLOSE = { code: 1008, reason: "rate exceeded", cause: "rate" } as const;

/** The policies came while the connection was open, and messages that depend on each other cannot be read alone: not one goes past them unread. */
const UNREADABLE_CLOSE = { code: 1012, reason: "policies changed", cause: "policies-changed" } as const;
