import type { Payload, Seat } from "../../sandbox/contract.ts";
import type { DeflateLimits, SideLimits } from "../config/index.ts";
import { ByteCollector } from "../wire/byte-collector.ts";
import { type CloseStatus, parseClosePayload } from "../wire/close-payload.ts";
import type { DeflateDirection } from "../wire/deflate.ts";
import { isControl, opcode, type WireFault } from "../wire/frame.ts";
import type { MaskKeys } from "../wire/frame-encoder.ts";
import { FrameScanner, type FrameSink } from "../wire/frame-scanner.ts";
import type { Allocate } from "../wire/frame-slab.ts";
import { applyMask } from "../wire/mask.ts";
import { FlowTrace } from "./flow-trace.ts";
import { MessageAssembler } from "./message-assembler.ts";
import { type FlowClose, type FlowOwner, MessageFlow } from "./message-flow.ts";
import type { Outbox } from "./outbox.ts";
import { type OutletOwner, PumpOutlet } from "./pump-outlet.ts";
import type { CloseCause, PumpEntry } from "./pump-queue.ts";
import { PumpTap } from "./pump-tap.ts";
import type { RateGate } from "./rate-gate.ts";
import type { TrafficSink } from "./traffic-tap.ts";

export interface PumpOptions {
  /** Whose messages this pump carries. */
  readonly origin: "client" | "server";
  readonly outbox: Outbox;
  /** Absent on the way to the client (RFC 6455 section 5.1). */
  readonly maskKeys: MaskKeys;
  /** Memory for the frames that this pump makes. */
  readonly allocate: Allocate;
  readonly limits: SideLimits;
  readonly deflate: PumpDeflate;
  readonly onError: "close" | "drop" | "pass";
  /** Undefined when as many messages may come as like to. */
  readonly rate: RateGate | undefined;
  readonly clock: PumpClock;
  /** Payload of the pongs that answer the gateway's own pings and end here; undefined when it sends none. */
  readonly ownPong: Buffer | undefined;
  /** Who wants to know what passes; undefined: nobody, and it costs nothing. */
  readonly sink: TrafficSink | undefined;
  readonly owner: PumpOwner;
}

/** How messages come and leave compressed; the same on both legs, or the gateway inflates or deflates in between. */
export interface PumpDeflate extends DeflateLimits {
  /** What was agreed on with the sender; undefined when messages come uncompressed. */
  readonly from: DeflateDirection | undefined;
  /** What was agreed on with the receiver; undefined when messages must leave uncompressed. */
  readonly to: DeflateDirection | undefined;
}

/** Coarse, and so free to read with each chunk. */
export interface PumpClock {
  readonly now: number;
}

export interface PumpOwner {
  /** The policies that a message of this direction passes, asked as it begins; empty: its bytes are spliced. */
  chain(origin: "client" | "server"): readonly Seat[];
  /** Messages for the sender. */
  onReply(origin: "client" | "server", payloads: readonly Payload[]): void;
  /** The sender's Close frame has come, or would mean nothing any more because the sender broke the protocol. */
  onCloseReceived(origin: "client" | "server"): void;
  /** A Close frame has left for the receiver; nothing of this direction follows it. */
  onCloseSent(origin: "client" | "server", status: CloseStatus, cause: CloseCause): void;
  /** A policy, or its failure, ends the connection. */
  onFlowClose(close: FlowClose): void;
  /** Compressed messages that depend on each other cannot be read by a policy that came later. */
  onUnreadable(): void;
  /** The sender has sent more than it may. */
  onRateExceeded(origin: "client" | "server"): void;
  /** The sender's FIN, once all it sent before has left. */
  onFinSent(origin: "client" | "server"): void;
  /** The amount that waits has crossed a mark. */
  onPressure(): void;
}

/**
 * One direction of a session: bytes of one leg in, bytes for the other leg out, in order.
 *
 * Without policies the bytes go on as they came. With policies, messages are put together and wait in a queue for
 * their verdicts; control frames keep their place among them. Frames of the gateway's own go in where a frame (a
 * message, for data) has ended.
 */
export class Pump implements FrameSink, FlowOwner, OutletOwner {
  readonly hook: "client" | "server";
  readonly onError: "close" | "drop" | "pass";
  messages = 0;
  bytes = 0;
  // By the pump's clock: when bytes, a part of a message, a ping or pong, came last.
  receivedAt = 0;
  #messageAt = 0;
  controlAt = 0;

  readonly #options: PumpOptions;
  readonly #owner: PumpOwner;
  readonly #scanner: FrameScanner;
  readonly #outlet: PumpOutlet;

  /** The start of a header whose rest has not come yet. */
  #carry: Buffer | undefined;
  /** Nothing more of the sender's goes on: it sent Close, broke the protocol, has gone, or the gateway is closing. */
  #isDone = false;
  /** The gateway is closing: of what the sender still says, only its Close matters. */
  #awaitsClose = false;

  // While a chunk is scanned: the chunk, where its bytes that are not passed on yet begin, when it came (ms since 1970).
  #chunk: Buffer = nothing;
  #rawFrom = 0;
  #time = 0;

  /** The policies that wait for the message being put together; undefined while bytes are spliced. */
  #chain: readonly Seat[] | undefined;
  readonly #assembler: MessageAssembler;
  readonly #tap: PumpTap | undefined;

  /** The message on its way is one too many, and is dropped; ping, pong and Close inside it are not. */
  #isSkipping = false;

  #closePayload: Buffer | undefined;
  /** A pong that may be ours: it goes on, if it does, when it has come as a whole. */
  #heldPong: { readonly payload: Buffer; readonly raw: ByteCollector } | undefined;
  /** Frames of the gateway's own that wait for the spliced frame, or message, to end. */
  #deferred: { entry: PumpEntry; isData: boolean }[] = [];

  constructor(options: PumpOptions) {
    this.hook = options.origin;
    this.onError = options.onError;
    this.#options = options;
    this.#owner = options.owner;
    this.#scanner = new FrameScanner({
      masked: options.origin === "client",
      allowRsv1: options.deflate.from !== undefined,
      ...options.limits,
    });
    this.#assembler = new MessageAssembler(
      this.#scanner,
      options.limits.maxMessageBytes,
      options.deflate.maxRatio,
    );
    const { outbox, maskKeys, allocate, deflate, sink } = options;
    this.#outlet = new PumpOutlet({ outbox, maskKeys, allocate, deflate, sink, owner: this });
    this.#tap = options.sink && new PumpTap(this.#scanner, options.sink);
  }

  get isFull(): boolean {
    return this.#outlet.isFull;
  }

  get isIdle(): boolean {
    return this.#outlet.isEmpty;
  }

  /** Waiting for verdicts, or for the receiver to take it. */
  get bufferedBytes(): number {
    return this.#outlet.bufferedBytes;
  }

  /** Nothing more of the sender's goes on, pongs included. */
  get isOver(): boolean {
    return this.#isDone;
  }

  /** When a message, or a part of one, came last. */
  get messageAt(): number {
    const isOnItsWay = this.#scanner.insideFrame && !isControl(this.#scanner.opcode);
    return isOnItsWay ? this.receivedAt : this.#messageAt;
  }

  receive(bytes: Buffer): void {
    this.receivedAt = this.#options.clock.now;
    if (this.#isDone && !this.#awaitsClose) return;
    const chunk = this.#carry === undefined ? bytes : Buffer.concat([this.#carry, bytes]);
    this.#carry = undefined;
    this.#chunk = chunk;
    this.#rawFrom = 0;
    this.#assembler.startChunk();
    this.#time = Date.now();
    this.#tap?.startChunk(chunk, this.#time);

    const used = this.#scanner.scan(chunk, this);
    this.#tap?.endChunk();
    if (!this.#isDone) {
      if (this.#heldPong !== undefined) this.#holdPong(this.#heldPong.raw, used);
      else if (this.#isSkipping && !this.#insideControl) this.#rawFrom = used;
      else if (this.#chain !== undefined && !this.#insideControl) this.#keepRaw(used);
      else this.#passRaw(used);
    }
    if (this.#scanner.fault !== undefined) this.#fail(this.#scanner.fault);
    else if (used < chunk.length) this.#carry = Buffer.from(chunk.subarray(used));
    this.#chunk = nothing;
    this.#assembler.startChunk();
    if (this.#options.rate?.action === "delay") this.#owner.onPressure();
  }

  /** The sender's FIN. */
  receiveEnd(): void {
    this.#isDone = true;
    this.#awaitsClose = false;
    this.#outlet.append({ kind: "fin" });
  }

  /** Send messages of a policy's to the receiver, after what is on its way to it. */
  inject(payloads: readonly Payload[]): void {
    if (this.#isDone) return;
    for (const payload of payloads) this.#insert({ kind: "raw", bytes: this.#outlet.encode(payload) }, true);
  }

  /** A ping of the gateway's own, past what waits. @returns false when a frame is on its way, or nothing may follow */
  ping(payload: Buffer): boolean {
    if (this.#isDone) return false;
    // What waits begins with a message: all that has left before it is whole.
    if (this.#outlet.isEmpty && !this.#mayInsert(false)) return false;
    this.#outlet.ping(payload);
    return true;
  }

  /** End this direction with a Close frame, after what is on its way. */
  close(status: CloseStatus): void {
    if (this.#isDone) return;
    this.#insert({ kind: "close", status, cause: "gateway" }, false);
  }

  onHeader(start: number): void {
    const scanner = this.#scanner;
    this.#tap?.onHeader(start);
    if (scanner.opcode === opcode.close) {
      if (this.#chain === undefined && !this.#isDone) this.#passRaw(start);
      this.#closePayload = Buffer.allocUnsafe(scanner.length);
      return;
    }
    if (this.#isDone) return;
    if (isControl(scanner.opcode)) {
      if (this.#chain !== undefined) this.#keepRaw(start);
      if (scanner.opcode === opcode.pong && scanner.length === this.#options.ownPong?.length) {
        this.#passRaw(start);
        this.#heldPong = { payload: Buffer.allocUnsafe(scanner.length), raw: new ByteCollector() };
      }
      return;
    }
    this.bytes += scanner.length;
    if (this.#options.rate !== undefined && !this.#isAdmitted(this.#options.rate, start)) return;
    if (scanner.opcode !== opcode.continuation) this.#beginMessage(start);
  }

  onPayload(from: number, to: number): void {
    const scanner = this.#scanner;
    this.#tap?.onPayload(from, to);
    const control = this.#closePayload ?? this.#heldPong?.payload;
    if (control !== undefined) {
      applyMask(this.#chunk, from, to, scanner.maskKey, scanner.position, control, scanner.position);
    } else if (this.#chain !== undefined && !this.#isDone && !isControl(scanner.opcode)) {
      this.#assembler.addPayload(this.#chunk, from, to);
    }
  }

  onFrameEnd(end: number): void {
    const scanner = this.#scanner;
    if (this.#tap !== undefined) this.#tellFrame(this.#tap, end);
    if (this.#closePayload !== undefined) return this.#finishClose(this.#closePayload);
    if (this.#isDone) return;
    if (isControl(scanner.opcode)) {
      if (this.#heldPong !== undefined && this.#isOwnPong(this.#heldPong)) {
        this.#rawFrom = end;
      } else {
        this.controlAt = this.receivedAt;
        if (this.#chain !== undefined || this.#isSkipping) this.#passRaw(end);
      }
    } else {
      this.#messageAt = this.receivedAt;
      if (this.#isSkipping) this.#skip(end);
      if (scanner.fin) {
        this.messages++;
        if (this.#chain !== undefined) this.#finishMessage(this.#chain, end);
      }
    }
    if (this.#deferred.length > 0) this.#insertDeferred(end);
  }

  onFlowReady(): void {
    this.#outlet.drain();
  }

  /** What came after the message of this close does not go on, not even the sender's own Close. */
  onCutOff(close: FlowClose, isEnded: boolean): void {
    this.#deferred = [];
    // Whose it is does not matter any more, and what comes after it is not its payload.
    this.#heldPong = undefined;
    // Still awaited unless it has come, or never will: then this direction was done without awaiting it.
    this.#awaitsClose = !this.#isDone || this.#awaitsClose;
    this.#isDone = true;
    // First, so that the policy, not the Close frame that carries out its word, counts as the cause of the end.
    this.#owner.onFlowClose(close);
    this.#outlet.append({ kind: "close", status: close, cause: "gateway" });
    if (isEnded) this.#outlet.append({ kind: "fin" });
  }

  onReply(payloads: readonly Payload[]): void {
    this.#owner.onReply(this.hook, payloads);
  }

  onCloseSent(status: CloseStatus, cause: CloseCause): void {
    this.#owner.onCloseSent(this.hook, status, cause);
  }

  onFinSent(): void {
    this.#owner.onFinSent(this.hook);
  }

  onPressure(): void {
    this.#owner.onPressure();
  }

  #tellFrame(tap: PumpTap, end: number): void {
    const isData = !isControl(this.#scanner.opcode);
    if (isData && this.#chain !== undefined && !this.#isDone) tap.skipFrame();
    else tap.onFrameEnd(end, isData && (this.#isSkipping || this.#isDone));
  }

  /** Decides at the first frame of a message; a message once let in is not dropped. */
  #isAdmitted(rate: RateGate, start: number): boolean {
    if (this.#isSkipping) return false;
    const { opcode: code, length } = this.#scanner;
    const messages = code === opcode.continuation ? 0 : 1;
    if (rate.action === "delay" || (rate.action === "drop" && messages === 0)) {
      rate.take(messages, length);
      return true;
    }
    if (rate.tryTake(messages, length)) return true;
    if (this.#chain === undefined) this.#passRaw(start);
    if (rate.action === "drop") this.#isSkipping = true;
    else this.#failHere({ code: 1008, reason: "rate exceeded" }, () => this.#owner.onRateExceeded(this.hook));
    return false;
  }

  #skip(end: number): void {
    this.#rawFrom = end;
    if (this.#scanner.fin) this.#isSkipping = false;
  }

  #beginMessage(start: number): void {
    const chain = this.#owner.chain(this.hook);
    if (chain.length === 0 && !this.#readsWithout(this.#scanner.rsv1)) return;
    const { from } = this.#options.deflate;
    this.#passRaw(start);
    if (from !== undefined && !from.noContextTakeover) return this.#failUnreadable();
    this.#chain = chain;
    this.#assembler.begin();
  }

  /** Without policies too: where the legs differ, or the ratio has to be measured. */
  #readsWithout(isCompressed: boolean): boolean {
    const { from, to, maxRatio } = this.#options.deflate;
    return isCompressed ? to === undefined || maxRatio > 0 : from === undefined && to !== undefined;
  }

  #finishMessage(chain: readonly Seat[], end: number): void {
    this.#chain = undefined;
    const message = this.#assembler.finish(this.#chunk, this.#rawFrom, end);
    this.#rawFrom = end;
    if ("fault" in message) return this.#fail(message.fault);
    const { isCompressed, payload } = message;
    const raw = this.#mayLeaveAsItCame(isCompressed, payload) ? message.raw : undefined;
    const trace = this.#tap && new FlowTrace(this.#tap.origin, payload, this.#time);
    const flow = new MessageFlow(this, chain, {
      raw,
      payload,
      sequence: this.messages,
      time: this.#time,
      trace,
    });
    this.#outlet.append({ kind: "flow", flow });
    flow.advance();
  }

  #mayLeaveAsItCame(isCompressed: boolean, { bytes }: Payload): boolean {
    const { from, to, minBytes } = this.#options.deflate;
    if (isCompressed) return to !== undefined;
    // A sender that may compress and did not has its reasons.
    return to === undefined || from !== undefined || bytes.length < minBytes;
  }

  /** Once a pong that may be ours has ended; what was held of one that is not goes on. */
  #isOwnPong({ payload, raw }: { readonly payload: Buffer; readonly raw: ByteCollector }): boolean {
    this.#heldPong = undefined;
    if (this.#options.ownPong?.equals(payload)) return true;
    const bytes = raw.take();
    if (bytes.length > 0) this.#outlet.append({ kind: "raw", bytes });
    return false;
  }

  #holdPong(raw: ByteCollector, end: number): void {
    raw.append(this.#chunk, this.#rawFrom, end);
    this.#rawFrom = end;
  }

  /** The policies came while the connection was open: not one message goes past them unread. */
  #failUnreadable(): void {
    this.#failHere({ code: 1012, reason: "policies changed" }, () => this.#owner.onUnreadable());
  }

  #failHere(status: CloseStatus, tell: () => void): void {
    this.#isDone = true;
    this.#awaitsClose = true;
    // First, so that its grounds, not the Close frame that carries it out, count as the cause of the end.
    tell();
    this.#outlet.append({ kind: "close", status, cause: "gateway" });
  }

  #finishClose(payload: Buffer): void {
    this.#closePayload = undefined;
    const parsed = parseClosePayload(payload);
    if ("fault" in parsed) return this.#fail(parsed.fault);
    const isAnswer = this.#isDone;
    this.#isDone = true;
    this.#awaitsClose = false;
    this.#scanner.fault = stopped;
    this.#owner.onCloseReceived(this.hook);
    if (!isAnswer) this.#outlet.append({ kind: "close", status: parsed.status, cause: "peer" });
  }

  /**
   * The sender broke the protocol. The receiver gets a Close after the good messages; its answers, and its own Close,
   * still go back to the sender.
   */
  #fail(fault: WireFault): void {
    this.#awaitsClose = false;
    this.#scanner.fault = stopped;
    if (fault === stopped) return;
    const isClosing = this.#isDone;
    this.#isDone = true;
    this.#owner.onCloseReceived(this.hook);
    if (!isClosing) this.#outlet.append({ kind: "close", status: fault, cause: "wire-fault" });
  }

  get #insideControl(): boolean {
    return this.#scanner.insideFrame && isControl(this.#scanner.opcode);
  }

  /** Pass the chunk's bytes up to `end` on as they are. */
  #passRaw(end: number): void {
    if (this.#closePayload === undefined && end > this.#rawFrom) {
      this.#outlet.append({ kind: "raw", bytes: this.#chunk.subarray(this.#rawFrom, end) });
    }
    this.#rawFrom = end;
  }

  /** Keep the chunk's bytes up to `end` with the message being put together. */
  #keepRaw(end: number): void {
    this.#assembler.keepRaw(this.#chunk, this.#rawFrom, end);
    this.#rawFrom = end;
  }

  /** Put a frame of the gateway's own where the stream allows it. */
  #insert(entry: PumpEntry, isData: boolean): void {
    if (this.#mayInsert(isData)) this.#appendOwn(entry);
    else this.#deferred.push({ entry, isData });
  }

  #mayInsert(isData: boolean): boolean {
    if (isData && this.#deferred.length > 0) return false;
    const isSpliced = this.#chain === undefined;
    const insideFrame =
      this.#scanner.insideFrame && (isSpliced || this.#insideControl) && this.#closePayload === undefined;
    return !insideFrame && !(isData && isSpliced && this.#scanner.insideMessage);
  }

  #insertDeferred(end: number): void {
    if (this.#chain === undefined) this.#passRaw(end);
    while (this.#deferred.length > 0) {
      const [next] = this.#deferred;
      if (next.isData && this.#chain === undefined && this.#scanner.insideMessage) {
        // A Close may go between fragments, where the messages that it overtakes may not.
        const close = this.#deferred.find((item) => item.entry.kind === "close");
        if (close !== undefined) this.#appendOwn(close.entry);
        return;
      }
      this.#deferred.shift();
      this.#appendOwn(next.entry);
    }
  }

  #appendOwn(entry: PumpEntry): void {
    if (this.#isDone) return;
    if (entry.kind === "close") {
      this.#isDone = true;
      this.#awaitsClose = true;
      this.#deferred = [];
    }
    this.#outlet.append(entry);
  }
}

const nothing = Buffer.alloc(0);

/** Set on the scanner after the sender's Close: what follows it is not looked at. */
const stopped: WireFault = { code: 1002, reason: "" };
