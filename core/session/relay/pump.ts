import type { Payload } from "../../../sandbox/contract/hooks.ts";
import type { Seat } from "../../../sandbox/contract.ts";
import type { CloseStatus } from "../../wire/close-payload.ts";
import { type FlowClose, MessageFlow } from "../flow/message-flow.ts";
import type { DecidedClose } from "../flow/message-intake.ts";
import { FlowTrace, type MessageOrigin } from "../tap/flow-trace.ts";
import type { SenderLast } from "./control-reader.ts";
import { OwnFrames, type OwnFramesStream } from "./own-frames.ts";
import { PumpInlet } from "./pump-inlet.ts";
import type { Opening } from "./pump-mode.ts";
import type { InletPump, PumpOptions } from "./pump-options.ts";
import { type OutletPump, PumpOutlet } from "./pump-outlet.ts";

/**
 * One direction of a session: bytes of one leg in, bytes for the other leg out, in order.
 *
 * Without policies the bytes go on as they came. With policies, messages are put together and wait in a queue for
 * their verdicts; control frames keep their place among them. Frames of the gateway's own go in where a frame (a
 * message, for data) has ended. The inlet follows the sender's frames; how the direction ends is settled here.
 */
export class Pump implements InletPump, OwnFramesStream, OutletPump {
  readonly outlet: PumpOutlet;
  readonly own: OwnFrames;
  readonly #options: PumpOptions;
  readonly #inlet: PumpInlet;

  constructor(options: PumpOptions) {
    this.#options = options;
    this.outlet = new PumpOutlet(options, this);
    this.own = new OwnFrames(this, this.outlet);
    this.#inlet = new PumpInlet(options, this);
  }

  /** Somebody else wants to know what passes, or nobody. */
  tellTo(sink: PumpOptions["sink"]): void {
    this.#inlet.tellTo(sink);
    this.outlet.tellTo(sink);
  }

  /** That have ended. */
  get messages(): number {
    return this.#inlet.messages;
  }

  /** Of messages' payloads, as they were on the wire. */
  get bytes(): number {
    return this.#inlet.bytes;
  }

  /** When bytes came last, by the pump's clock. */
  get receivedAt(): number {
    return this.#inlet.receivedAt;
  }

  /** When a message, or a part of one, came last. */
  get messageAt(): number {
    return this.#inlet.messageAt;
  }

  /** When a ping or pong that went on came last. */
  get controlAt(): number {
    return this.#inlet.controlAt;
  }

  get isFull(): boolean {
    return this.outlet.isFull;
  }

  get isIdle(): boolean {
    return this.outlet.isEmpty;
  }

  /** Waiting for verdicts, or for the receiver to take it. */
  get bufferedBytes(): number {
    return this.outlet.bufferedBytes;
  }

  /** Nothing more of the sender's goes on, pongs included. */
  get isOver(): boolean {
    return this.#inlet.isOver;
  }

  get opening(): Opening {
    return this.#inlet.opening;
  }

  /** @param isBorrowed the bytes are not there any longer than this call */
  receive(bytes: Buffer, isBorrowed = false): void {
    this.#inlet.receive(bytes, isBorrowed);
  }

  /** The sender's FIN. */
  receiveEnd(): void {
    this.#inlet.end("ended");
    this.outlet.append({ kind: "fin" });
  }

  /** Send messages of a policy's to the receiver, after what is on its way to it. */
  inject(payloads: readonly Payload[], sender?: Seat): void {
    for (const payload of payloads) this.own.addMessage(payload, sender);
  }

  /**
   * The same for messages that pass these policies first.
   *
   * @param sender the policy whose hook has run between two of the messages that are on their way: they go before what it has not answered yet
   */
  injectThrough(path: readonly Seat[], payloads: readonly Payload[], sender?: Seat): void {
    if (path.length === 0) return this.inject(payloads, sender);
    for (const payload of payloads) {
      const message = { payload, sequence: this.messages, time: Date.now() };
      const flow = new MessageFlow(this.outlet, path, message);
      flow.isReplaced = true;
      this.own.addFlow(flow, sender);
    }
  }

  /** Send a message of an operator's to the receiver, after what is on its way to it, through these policies. */
  say(payload: Payload, path: readonly Seat[]): void {
    const time = Date.now();
    const trace = this.#options.sink && new FlowTrace(BY_OPERATOR, payload, time);
    const flow = new MessageFlow(this.outlet, path, { payload, sequence: this.messages, time, trace });
    this.own.addFlow(flow);
  }

  /** Frames of the gateway's own wait for the end of a message. */
  get isHoldingBack(): boolean {
    return this.own.isWaiting;
  }

  /** How many of them. */
  get heldBack(): number {
    return this.own.waiting;
  }

  /** Send a ping of the gateway's own. @returns false when a frame is on its way, or nothing may follow */
  ping(payload: Buffer): boolean {
    return this.own.ping(payload);
  }

  /** End this direction with a Close frame, after what is on its way. */
  close(status: CloseStatus): void {
    this.own.addClose(status);
  }

  /** End this direction with a Close frame for what its messages, or those who sent them, have met. */
  closeHere(close: DecidedClose): void {
    const { origin, owner } = this.#options;
    this.#inlet.end("close-decided");
    this.own.forget();
    // First, so that its grounds, not the Close frame that carries it out, count as the cause of the end.
    owner.onCloseDecided(origin, close);
    this.outlet.append({ kind: "close", status: close, cause: "gateway" });
  }

  /** The receiver gets a Close after the good messages; its answers, and its own Close, still go back to the sender. */
  onSenderDone({ status, cause }: SenderLast, isAnswer: boolean): void {
    const { origin, owner } = this.#options;
    owner.onCloseReceived(origin, cause === "peer" ? status : undefined);
    if (!isAnswer) this.outlet.append({ kind: "close", status, cause });
  }

  onOwnClose(): void {
    this.#inlet.end("close-decided");
  }

  /** What came after the message of this close does not go on, not even the sender's own Close. */
  onCutOff(close: FlowClose, isEnded: boolean): void {
    this.closeHere(close);
    if (isEnded) this.outlet.append({ kind: "fin" });
  }

  onPressure(): void {
    this.#options.owner.onPressure();
  }
}

const BY_OPERATOR: MessageOrigin = { isCompressed: false, maskKey: 0, frames: 1, by: "operator" };
