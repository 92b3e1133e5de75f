import type { Payload, Side } from "../../../sandbox/contract/hooks.ts";
import type { Aside } from "../../../sandbox/contract/verdicts.ts";
import type { Seat } from "../../../sandbox/contract.ts";
import type { CloseStatus } from "../../wire/close-payload.ts";
import { type DeflateDirection, deflateMessage } from "../../wire/deflate.ts";
import { OPCODE, RSV1 } from "../../wire/frame.ts";
import { encodeClose, encodeFrame, encodeHeader, type MaskKeys } from "../../wire/frame-encoder.ts";
import type { Allocate } from "../../wire/frame-slab.ts";
import type { FlowClose, FlowOwner, MessageFlow } from "../flow/message-flow.ts";
import type { TimedRead } from "../meters/message-meter.ts";
import type { Outbox } from "../outbox.ts";
import { resultOf } from "../tap/flow-trace.ts";
import type { MessageSampler } from "../tap/message-sampler.ts";
import type { TrafficSink } from "../tap/traffic-tap.ts";
import { type CloseCause, type PumpEntry, PumpQueue } from "./pump-queue.ts";

export interface OutletOptions {
  readonly outbox: Outbox;
  /** Absent on the way to the client (RFC 6455 section 5.1). */
  readonly maskKeys: MaskKeys;
  /** Memory for messages. */
  readonly allocate: Allocate;
  /** Memory for the frames that are made here. */
  readonly allocateFrame: Allocate;
  readonly deflate: OutletDeflate;
  /** Who wants to know what passes; undefined: nobody. */
  readonly sink: TrafficSink | undefined;
  /** The same of some messages. */
  readonly sampler: MessageSampler | undefined;
  /** Who sent what leaves here. */
  readonly origin: Side;
  readonly onError: "close" | "drop" | "pass";
  readonly owner: OutletOwner;
}

export interface OutletDeflate {
  /** What was agreed on with the receiver; undefined when messages must leave uncompressed. */
  readonly to: DeflateDirection | undefined;
  /** The smallest message that is compressed here. */
  readonly minBytes: number;
}

export interface OutletPump {
  /** A policy closes here. What came later has been forgotten, with the sender's FIN if there was one among it. */
  onCutOff(close: FlowClose, isEnded: boolean): void;
}

export interface OutletOwner {
  /** What a policy's verdict has said that is not about its message. */
  onAside(seat: Seat, aside: Aside): void;
  /** One of the messages that wait here ends the connection. */
  onCloseAhead(): void;
  /** Messages for the sender. */
  onReply(origin: Side, payloads: readonly Payload[]): void;
  /** A Close frame has left for the receiver; nothing of this direction follows it. */
  onCloseSent(origin: Side, status: CloseStatus, cause: CloseCause): void;
  /** The sender's FIN, once all it sent before has left. */
  onFinSent(origin: Side): void;
  /** The amount that waits has crossed a mark. */
  onPressure(): void;
}

/** The far end of a pump: what is to leave for the receiver, in order, each when all before it has left. */
export class PumpOutlet implements FlowOwner {
  readonly hook: Side;
  readonly onError: "close" | "drop" | "pass";
  readonly allocate: Allocate;
  readonly #options: OutletOptions;
  readonly #pump: OutletPump;
  readonly #queue = new PumpQueue();
  #sink: TrafficSink | undefined;

  constructor(options: OutletOptions, pump: OutletPump) {
    this.hook = options.origin;
    this.onError = options.onError;
    this.allocate = options.allocate;
    this.#options = options;
    this.#pump = pump;
    this.#sink = options.sink;
  }

  /** Of what leaves from now on. */
  tellTo(sink: TrafficSink | undefined): void {
    this.#sink = sink;
  }

  get isFull(): boolean {
    return this.#queue.isFull;
  }

  get isEmpty(): boolean {
    return this.#queue.isEmpty;
  }

  /** What would leave next is held by an operator. It is a whole message: all that has left before it is whole. */
  get isHeld(): boolean {
    return this.#queue.isHeld;
  }

  /** Waiting for verdicts, or for the receiver to take it. */
  get bufferedBytes(): number {
    return this.#queue.bytes + this.#options.outbox.bufferedBytes;
  }

  release(bytes: Uint8Array): void {
    this.#options.outbox.giveBack(bytes);
  }

  append(entry: PumpEntry): void {
    if (entry.kind === "raw" && this.#queue.isEmpty) {
      this.#options.outbox.push(entry.bytes);
      return;
    }
    const wasFull = this.#queue.isFull;
    this.#queue.push(entry);
    if (entry.kind !== "flow") this.#drain();
    if (this.#queue.isFull !== wasFull) this.#options.owner.onPressure();
  }

  /** A flow is a whole message: in front of one nothing is torn. @returns false when the policy has answered all that is here */
  insertBefore(seat: Seat, entry: PumpEntry): boolean {
    const wasFull = this.#queue.isFull;
    if (!this.#queue.insertBefore((flow) => !flow.hasPassed(seat), entry)) return false;
    if (entry.kind !== "flow") this.#drain();
    if (this.#queue.isFull !== wasFull) this.#options.owner.onPressure();
    return true;
  }

  /** Bytes as they came, which are not there any longer than this call. */
  appendBorrowed(source: Buffer, from: number, to: number): void {
    if (this.#queue.isEmpty) this.#options.outbox.pushBorrowed(source, from, to);
    else this.append({ kind: "raw", bytes: Buffer.from(source.subarray(from, to)) });
  }

  /** What has come with this read, and with those before it, is to leave: it is told when it has. */
  time(read: TimedRead): void {
    if (this.#queue.isEmpty) this.#options.outbox.time(read);
    else this.#queue.push({ kind: "timed", read });
  }

  /** A message in the one frame that it would leave in. */
  encode(payload: Payload): Buffer {
    const code = payload.binary ? OPCODE.binary : OPCODE.text;
    const { deflate, maskKeys, allocateFrame } = this.#options;
    const { to, minBytes } = deflate;
    // Without context takeover only: a message compressed by us must not depend on, nor change, the sender's window.
    const compressed =
      to?.noContextTakeover === true ? deflateMessage(payload.bytes, to, minBytes) : undefined;
    if (compressed !== undefined) return encodeFrame(code | RSV1, compressed, maskKeys, allocateFrame);
    return encodeFrame(code, payload.bytes, maskKeys, allocateFrame);
  }

  /** A control frame of the sender's, past all that is behind what is held. */
  passBy(frame: Uint8Array): void {
    this.#options.outbox.push(frame);
  }

  /** A ping of the gateway's own, past all that waits. */
  ping(payload: Buffer): void {
    this.#options.outbox.push(encodeFrame(OPCODE.ping, payload, this.#options.maskKeys));
  }

  /** Let leave what has its verdicts. */
  onFlowReady(): void {
    this.#drain();
  }

  onAside(seat: Seat, aside: Aside): void {
    this.#options.owner.onAside(seat, aside);
  }

  onCloseAhead(): void {
    this.#options.owner.onCloseAhead();
  }

  #drain(): void {
    const wasFull = this.#queue.isFull;
    for (let entry = this.#queue.takeReady(); entry !== undefined; entry = this.#queue.takeReady())
      this.#emit(entry);
    if (this.#queue.isFull !== wasFull) this.#options.owner.onPressure();
  }

  #emit(entry: PumpEntry): void {
    const { origin, outbox, maskKeys, owner } = this.#options;
    switch (entry.kind) {
      case "raw":
        outbox.push(entry.bytes);
        return;
      case "flow":
        return this.#tellAndEmit(entry.flow);
      case "close":
        outbox.push(encodeClose(entry.status.code, entry.status.reason, maskKeys));
        return owner.onCloseSent(origin, entry.status, entry.cause);
      case "timed":
        return outbox.time(entry.read);
      case "fin":
        return owner.onFinSent(origin);
    }
  }

  #tellAndEmit(flow: MessageFlow): void {
    const leaves = this.#tellFlow(flow, false);
    if (leaves === undefined) {
      this.#emitFlow(flow);
      return;
    }
    const { outbox } = this.#options;
    const leftAt = performance.now();
    this.#emitFlow(flow);
    outbox.whenHandedOver(() =>
      leaves({ writeMs: performance.now() - leftAt, unsentBytes: outbox.bufferedBytes }),
    );
  }

  /** @returns whether the connection closes here: what comes later does not go on */
  #emitFlow(flow: MessageFlow): boolean {
    if (!flow.isDropped) this.#emitMessage(flow);
    if (flow.replies !== undefined) this.#options.owner.onReply(this.hook, flow.replies);
    for (const follower of flow.followers ?? []) {
      if (this.#emitFlow(follower)) return true;
    }
    if (flow.close === undefined) return false;
    this.#cutOff(flow.close);
    return true;
  }

  #emitMessage(flow: MessageFlow): void {
    const { outbox } = this.#options;
    if (flow.isReplaced || flow.raw === undefined) this.#emitPayload(flow);
    else {
      if (flow.earlier !== undefined) for (const piece of flow.earlier) outbox.push(piece);
      flow.lone?.restore();
      outbox.push(flow.raw);
    }
    // Whoever records has it for longer.
    if (flow.trace === undefined) this.#forget(flow);
  }

  /** Nobody looks at the message any more. */
  #forget({ isReplaced, payload, lone }: MessageFlow): void {
    const { outbox } = this.#options;
    if (lone !== undefined) outbox.finishWith(lone.bytes);
    if (isReplaced) outbox.finishWith(payload.bytes);
  }

  #emitPayload({ isReplaced, payload }: MessageFlow): void {
    const { outbox, maskKeys, allocateFrame, deflate } = this.#options;
    const isOwn = isReplaced && deflate.to === undefined && payload.bytes.length >= LARGE_BYTES;
    if (!isOwn) return outbox.pushLast(this.encode(payload));
    const code = payload.binary ? OPCODE.binary : OPCODE.text;
    outbox.push(encodeHeader(code, payload.bytes, maskKeys, allocateFrame));
    outbox.push(payload.bytes);
  }

  #cutOff(close: FlowClose): void {
    const later = this.#queue.clear();
    for (const entry of later) if (entry.kind === "flow") this.#tellFlow(entry.flow, true);
    this.#pump.onCutOff(
      close,
      later.some((entry) => entry.kind === "fin"),
    );
  }

  #tellFlow(flow: MessageFlow, isCutOff: boolean): ReturnType<TrafficSink["message"]> {
    const { trace } = flow;
    if (trace === undefined) return undefined;
    const { origin, sampler } = this.#options;
    const result = resultOf(flow, trace, isCutOff);
    const leaves = this.#sink?.message(trace, result);
    if (trace.isSampled) sampler?.message({ origin, sequence: flow.sequence, trace, result });
    return leaves;
  }
}

/** A body of a policy's that is at least so long leaves from where it lies: one more piece to write costs less than the copy. */
const LARGE_BYTES = 16 * 1024;
