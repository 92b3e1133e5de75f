import type { Payload, Side } from "../../../sandbox/contract/hooks.ts";
import type { MessageMatcher, Seat } from "../../../sandbox/contract.ts";
import type { SideLimits } from "../../config/index.ts";
import { OPCODE, type WireFault } from "../../wire/frame.ts";
import { type FrameScanner, TOO_BIG } from "../../wire/frame-scanner.ts";
import { MessageInflater } from "../../wire/message-inflater.ts";
import { admitFrame, type RateGate } from "../limits/rate-gate.ts";
import {
  isContextEndedHere,
  isContextShared,
  isReadWithoutPolicies,
  largestUnweighed,
  mayLeaveAsItCame,
  type PumpDeflate,
} from "../relay/pump-deflate.ts";
import { FlowTrace, type MessageOrigin } from "../tap/flow-trace.ts";
import type { MessageSampler } from "../tap/message-sampler.ts";
import type { PumpTap } from "../tap/pump-tap.ts";
import { MessageAssembler, type RawFrames } from "./message-assembler.ts";
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
  /** Undefined: nobody samples. */
  readonly sampler: MessageSampler | undefined;
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
  /** Undefined: nobody wants to know what passes. */
  tap: PumpTap | undefined;
  readonly #flowOwner: FlowOwner;
  /** Made with the first message that is put together: of a splice there is none. */
  #assembler: MessageAssembler | undefined;
  readonly #largestUnweighed: number;
  /** Made with the first compressed message that is read. */
  #inflater: MessageInflater | undefined;
  /** Compressed messages have passed unread. */
  #hasPassed = false;
  /** The policies that wait for the message being put together. */
  #chain = NO_CHAIN;
  /** It is one too many, and is read only because later ones may refer to it. */
  #isRefused = false;
  /** Takes the message being put together, as its bytes have told already. */
  #matchedBy: MessageMatcher | undefined;
  #time = 0;

  constructor(options: IntakeOptions, scanner: FrameScanner, tap: PumpTap | undefined, flowOwner: FlowOwner) {
    this.#options = options;
    this.#scanner = scanner;
    this.tap = tap;
    this.#flowOwner = flowOwner;
    const { maxMessageBytes, passesAny } = options.limits;
    this.#largestUnweighed = passesAny ? Number.POSITIVE_INFINITY : largestUnweighed(maxMessageBytes);
  }

  /** The chunk need not stay for the message that is put together. */
  get keepsNoChunk(): boolean {
    return this.#assembler?.isLone === true;
  }

  /**
   * A data frame's header is here, at `chunk[start..from)`, of a message that is not skipped.
   *
   * @returns what begins with it; undefined when it goes the way that its message goes, or when that is the splice
   */
  begin(
    chunk: Buffer,
    start: number,
    from: number,
  ): "message-read" | "message-weighed" | "message-refused" | DecidedClose | WireFault | undefined {
    const { origin, chains, deflate, rate } = this.#options;
    const { opcode: code, fin, length, rsv1 } = this.#scanner;
    const isFirst = code !== OPCODE.continuation;
    const word = rate === undefined ? "pass" : admitFrame(rate, isFirst, length);
    if (word === "close") return RATE_CLOSE;
    if (!isFirst) return undefined;
    this.#isRefused = word === "drop";
    if (this.#isRefused && !(rsv1 && isContextEndedHere(deflate))) return "message-refused";
    const chain = this.#isRefused ? NO_CHAIN : chains.chain(origin);
    if (chain.length === 0 && !isReadWithoutPolicies(deflate, rsv1) && !(rsv1 && this.#isDependent)) {
      return rsv1 ? this.#passCompressed(start, from) : undefined;
    }
    if (rsv1 && isContextShared(deflate)) return UNREADABLE_CLOSE;
    this.#matchedBy = undefined;
    if (!rsv1 && !isReadWithoutPolicies(deflate, false) && this.#isForNobody(chain, chunk, start, from))
      return undefined;
    const { passesAny, maxMessageBytes } = this.#options.limits;
    if (passesAny) {
      const isTooBig = !this.#scanner.holdTo(maxMessageBytes);
      if ((isTooBig || !fin || rsv1) && this.#passesUnheld(chain))
        return rsv1 ? this.#passCompressed(start, from) : undefined;
      if (isTooBig) return TOO_BIG;
    }
    if (rsv1) this.#inflater ??= this.#createInflater();
    this.#chain = chain;
    this.#assemble().begin(start, from);
    return "message-read";
  }

  /**
   * Nobody but an operator's breakpoint reads the message, and it may be longer than what is read, though not than what passes: it
   * does not end the connection that somebody wants to look at it.
   */
  #passesUnheld(chain: readonly Seat[]): boolean {
    const { origin, deflate, limits } = this.#options;
    const { fin, rsv1, length, opcode: code } = this.#scanner;
    if (isReadWithoutPolicies(deflate, rsv1) || chain.at(-1)?.policy !== "") return false;
    const binary = code === OPCODE.binary;
    for (const seat of chain) {
      if (seat.policy === "") continue;
      if (rsv1 || seat.matcher(origin)?.fits(binary, fin ? length : undefined) !== false) return false;
    }
    if (fin && rsv1 && length <= largestUnweighed(limits.maxMessageBytes)) return false;
    this.#scanner.holdTo(Number.POSITIVE_INFINITY);
    for (const seat of chain) seat.skip(origin);
    return true;
  }

  /**
   * No policy of the chain is for the message: none changes it, so that its bytes decide for all of them. False as well when
   * what is here does not tell: then the message is put together first, and each policy decides in its turn.
   */
  #isForNobody(chain: readonly Seat[], chunk: Buffer, start: number, from: number): boolean {
    const { origin } = this.#options;
    const { fin, opcode: code, length } = this.#scanner;
    const isHere = fin && from + length <= chunk.length;
    const binary = code === OPCODE.binary;
    let message: Payload | undefined;
    for (const seat of chain) {
      const matcher = seat.matcher(origin);
      if (matcher === undefined) return false;
      if (!matcher.fits(binary, fin ? length : undefined)) continue;
      if (!isHere) return false;
      message ??= this.#assemble().peek(chunk, start, from);
      if (message === undefined) return false;
      if (matcher.matches(message)) {
        this.#matchedBy = matcher;
        return false;
      }
    }
    for (const seat of chain) seat.skip(origin);
    return true;
  }

  get #isDependent(): boolean {
    return this.#inflater?.isDependent === true;
  }

  /** Nobody reads the message, but for its size where it may be above the limit: larger than it came. */
  #passCompressed(start: number, from: number): "message-weighed" | undefined {
    this.#hasPassed = true;
    this.#inflater?.skip();
    const { length, fin } = this.#scanner;
    const most = this.#largestUnweighed;
    if (length <= most && (fin || most === Number.POSITIVE_INFINITY)) return undefined;
    this.#assemble().begin(start, from);
    return "message-weighed";
  }

  /** @param time when it came, ms since 1970 */
  startChunk(time: number): void {
    this.#time = time;
    this.#assembler?.startChunk();
  }

  endChunk(): void {
    this.#assembler?.startChunk();
  }

  /** @returns what is wrong with the message already */
  addPayload(chunk: Buffer, from: number, to: number): WireFault | undefined {
    return this.#assemble().addPayload(chunk, from, to);
  }

  /** Bytes of the message's frames that will not be there when it is finished. */
  keepRaw(chunk: Buffer, from: number, to: number): void {
    this.#assemble().keepRaw(chunk, from, to);
  }

  /** The last frame has ended; `chunk[from..to)` is the end of its frames. `sequence` is the message's number. */
  finish(
    chunk: Buffer,
    from: number,
    to: number,
    sequence: number,
  ): MessageFlow | { readonly fault: WireFault } {
    const message = this.#assemble().finish(chunk, from, to, this.#inflater);
    if ("fault" in message) return message;
    const { payload, earlier } = message;
    const { deflate } = this.#options;
    const raw = mayLeaveAsItCame(deflate, message, payload.bytes.length) ? message.raw : undefined;
    const trace = this.#trace(payload);
    const parts = {
      raw,
      earlier: raw && earlier,
      lone: raw && message.lone,
      payload,
      sequence,
      time: this.#time,
      matchedBy: this.#matchedBy,
      trace,
    };
    const flow = new MessageFlow(this.#flowOwner, this.#chain, parts);
    flow.isDropped = this.#isRefused;
    return flow;
  }

  /** Undefined: nobody wants to know what becomes of it. */
  #trace(payload: Payload): FlowTrace | undefined {
    const isSampled = this.#options.sampler?.takes() === true;
    const origin = this.tap?.origin;
    if (origin === undefined && !isSampled) return undefined;
    return new FlowTrace(origin ?? UNKNOWN_ORIGIN, payload, this.#time, isSampled);
  }

  /** The same for a message that is only weighed. @returns its frames as they came */
  weigh(chunk: Buffer, from: number, to: number): RawFrames | { readonly fault: WireFault } {
    return this.#assemble().weigh(chunk, from, to, this.#options.limits.maxMessageBytes);
  }

  #assemble(): MessageAssembler {
    this.#assembler ??= new MessageAssembler(this.#scanner, this.#flowOwner);
    return this.#assembler;
  }

  #createInflater(): MessageInflater | undefined {
    const { deflate, limits } = this.#options;
    // The scanner lets nothing compressed pass where it was not agreed on.
    if (deflate.from === undefined) return undefined;
    const inflater = new MessageInflater(deflate.from, limits.maxMessageBytes, deflate.maxRatio);
    if (this.#hasPassed) inflater.skip();
    return inflater;
  }
}

/** Whoever records knows better. */
const UNKNOWN_ORIGIN: MessageOrigin = { isCompressed: false, maskKey: 0, frames: 1 };

const NO_CHAIN: readonly Seat[] = [];

/** The sender has sent more than it may. */
const RATE_CLOSE = { code: 1008, reason: "rate exceeded", cause: "rate" } as const;

/** The policies came while the connection was open, and messages that depend on each other cannot be read alone: not one goes past them unread. */
const UNREADABLE_CLOSE = { code: 1012, reason: "policies changed", cause: "policies-changed" } as const;
