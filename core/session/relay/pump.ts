import type { Payload } from "../../../sandbox/contract.ts";
import type { CloseStatus } from "../../wire/close-payload.ts";
import { isControl, type WireFault } from "../../wire/frame.ts";
import { FrameScanner, type FrameSink } from "../../wire/frame-scanner.ts";
import type { FlowClose } from "../flow/message-flow.ts";
import { type DecidedClose, MessageIntake } from "../flow/message-intake.ts";
import { PumpTap } from "../tap/pump-tap.ts";
import { ControlReader } from "./control-reader.ts";
import { OwnFrames, type OwnFramesStream } from "./own-frames.ts";
import {
  advanceMode,
  fateOf,
  type Opening,
  openingAt,
  type PumpFrameKind,
  type PumpMode,
} from "./pump-mode.ts";
import type { PumpOptions } from "./pump-options.ts";
import { type OutletPump, PumpOutlet } from "./pump-outlet.ts";

/**
 * One direction of a session: bytes of one leg in, bytes for the other leg out, in order.
 *
 * Without policies the bytes go on as they came. With policies, messages are put together and wait in a queue for
 * their verdicts; control frames keep their place among them. Frames of the gateway's own go in where a frame (a
 * message, for data) has ended. What becomes of a frame is decided in pump-mode.ts, and carried out here.
 */
export class Pump implements FrameSink, OwnFramesStream, OutletPump {
  messages = 0;
  bytes = 0;
  // By the pump's clock: when bytes, a part of a message, a ping or pong, came last.
  receivedAt = 0;
  #messageAt = 0;
  controlAt = 0;

  readonly #options: PumpOptions;
  readonly #scanner: FrameScanner;
  readonly #tap: PumpTap | undefined;
  readonly #intake: MessageIntake;
  readonly #control: ControlReader;
  readonly #outlet: PumpOutlet;
  readonly #own: OwnFrames;

  #mode: PumpMode = "splice";
  #kind: PumpFrameKind = "data";

  /** The start of a header whose rest has not come yet. */
  #carry: Buffer | undefined;
  // While a chunk is scanned: the chunk, and where its bytes that are not passed on yet begin.
  #chunk: Buffer = nothing;
  #rawFrom = 0;

  constructor(options: PumpOptions) {
    const { origin, limits, deflate, sink } = options;
    this.#options = options;
    this.#scanner = new FrameScanner({
      masked: origin === "client",
      allowRsv1: deflate.from !== undefined,
      ...limits,
    });
    this.#tap = sink && new PumpTap(this.#scanner, sink);
    this.#outlet = new PumpOutlet(options, this);
    this.#intake = new MessageIntake(options, this.#scanner, this.#tap, this.#outlet);
    this.#control = new ControlReader(this.#scanner, options.ownPong);
    this.#own = new OwnFrames(this, this.#outlet);
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
    return this.#mode === "answer" || this.#mode === "over";
  }

  get opening(): Opening {
    return openingAt(this.#mode, this.#kind, this.#scanner);
  }

  /** When a message, or a part of one, came last. */
  get messageAt(): number {
    const isOnItsWay = this.#scanner.insideFrame && !isControl(this.#scanner.opcode);
    return isOnItsWay ? this.receivedAt : this.#messageAt;
  }

  receive(bytes: Buffer): void {
    this.receivedAt = this.#options.clock.now;
    if (this.#mode === "over") return;
    const chunk = this.#carry === undefined ? bytes : Buffer.concat([this.#carry, bytes]);
    this.#carry = undefined;
    this.#chunk = chunk;
    this.#rawFrom = 0;
    const time = Date.now();
    this.#intake.startChunk(time);
    this.#tap?.startChunk(chunk, time);

    const used = this.#scanner.scan(chunk, this);
    this.#tap?.endChunk();
    this.#endChunk(used);
    const { fault } = this.#scanner;
    if (fault === undefined && used < chunk.length) this.#carry = Buffer.from(chunk.subarray(used));
    if (fault !== undefined && fault !== STOPPED) this.#endHere(fault, "wire-fault");
    this.#chunk = nothing;
    this.#intake.endChunk();
    if (this.#options.rate?.action === "delay") this.#options.owner.onPressure();
  }

  /** The sender's FIN. */
  receiveEnd(): void {
    this.#mode = advanceMode(this.#mode, "ended");
    this.#outlet.append({ kind: "fin" });
  }

  /** Send messages of a policy's to the receiver, after what is on its way to it. */
  inject(payloads: readonly Payload[]): void {
    for (const payload of payloads) this.#own.addMessage(payload);
  }

  /** Send a ping of the gateway's own. @returns false when a frame is on its way, or nothing may follow */
  ping(payload: Buffer): boolean {
    return this.#own.ping(payload);
  }

  /** End this direction with a Close frame, after what is on its way. */
  close(status: CloseStatus): void {
    this.#own.addClose(status);
  }

  onHeader(start: number): void {
    this.#tap?.onHeader(start);
    if (isControl(this.#scanner.opcode)) this.#beginControl(start);
    else if (!this.isOver) this.#beginData(start);
  }

  onPayload(from: number, to: number): void {
    this.#tap?.onPayload(from, to);
    switch (fateOf(this.#mode, this.#kind)) {
      case "collect":
        return this.#intake.addPayload(this.#chunk, from, to);
      case "hold":
      case "parse":
        return this.#control.addPayload(this.#chunk, from, to);
      case "pass":
      case "drop":
    }
  }

  onFrameEnd(end: number): void {
    if (this.#tap !== undefined) this.#tellFrame(this.#tap, end);
    if (this.#kind !== "data") this.#endControl(end);
    else if (!this.isOver) this.#endData(end);
    if (!this.#own.isWaiting || this.isOver) return;
    if (this.#mode !== "read") this.#passRaw(end);
    this.#own.release();
  }

  onOwnClose(): void {
    this.#mode = advanceMode(this.#mode, "close-decided");
  }

  /** What came after the message of this close does not go on, not even the sender's own Close. */
  onCutOff(close: FlowClose, isEnded: boolean): void {
    this.#closeHere(close);
    if (isEnded) this.#outlet.append({ kind: "fin" });
  }

  #tellFrame(tap: PumpTap, end: number): void {
    const fate = fateOf(this.#mode, this.#kind);
    if (fate === "collect") tap.skipFrame();
    else tap.onFrameEnd(end, this.#kind === "data" && fate === "drop");
  }

  #beginData(start: number): void {
    this.bytes += this.#scanner.length;
    if (this.#mode === "skip") return;
    const begun = this.#intake.begin();
    if (begun === undefined) return;
    if (this.#mode === "splice") this.#passRaw(start);
    if (typeof begun === "string") this.#mode = advanceMode(this.#mode, begun);
    else this.#closeHere(begun);
  }

  #endData(end: number): void {
    this.#messageAt = this.receivedAt;
    if (this.#mode === "skip") this.#rawFrom = end;
    if (!this.#scanner.fin) return;
    this.messages++;
    if (this.#mode === "splice") return;
    const isRead = this.#mode === "read";
    this.#mode = advanceMode(this.#mode, "message-end");
    if (isRead) this.#sendThroughPolicies(end);
  }

  #sendThroughPolicies(end: number): void {
    const flow = this.#intake.finish(this.#chunk, this.#rawFrom, end, this.messages);
    this.#rawFrom = end;
    if ("fault" in flow) return this.#endHere(flow.fault, "wire-fault");
    this.#outlet.append({ kind: "flow", flow });
    flow.advance();
  }

  #beginControl(start: number): void {
    this.#kind = this.#control.begin();
    if (this.isOver) return;
    if (this.#mode === "read") this.#keepRaw(start);
    else if (this.#kind !== "control") this.#passRaw(start);
  }

  #endControl(end: number): void {
    const kind = this.#kind;
    this.#kind = "data";
    switch (fateOf(this.#mode, kind)) {
      case "parse":
        return this.#endClose();
      case "hold":
        if (this.#endPong(end)) return;
        break;
      case "drop":
        return;
      case "pass":
      case "collect":
    }
    this.controlAt = this.receivedAt;
    // In a splice it goes on with what comes after it.
    if (this.#mode !== "splice") this.#passRaw(end);
  }

  /** @returns whether it was the gateway's own, and ends here */
  #endPong(end: number): boolean {
    const held = this.#control.takeRaw();
    if (this.#control.isOwnPong) {
      this.#rawFrom = end;
      return true;
    }
    if (held.length > 0) this.#outlet.append({ kind: "raw", bytes: held });
    return false;
  }

  #endClose(): void {
    const parsed = this.#control.parseClose();
    if ("fault" in parsed) this.#endHere(parsed.fault, "wire-fault");
    else this.#endHere(parsed.status, "peer");
  }

  /** What the rest of the chunk becomes. */
  #endChunk(used: number): void {
    if (this.isOver) return;
    switch (fateOf(this.#mode, this.#kind)) {
      case "pass":
        return this.#passRaw(used);
      case "collect":
        return this.#keepRaw(used);
      case "hold":
        return this.#control.keepRaw(this.#chunk, this.#rawFrom, used);
      case "parse":
      case "drop":
    }
  }

  /**
   * The sender has closed, or broken the protocol. The receiver gets a Close after the good messages; its answers, and
   * its own Close, still go back to the sender.
   */
  #endHere(status: CloseStatus, cause: "peer" | "wire-fault"): void {
    const isAnswer = this.#mode === "answer";
    this.#mode = advanceMode(this.#mode, "ended");
    this.#scanner.fault = STOPPED;
    this.#options.owner.onCloseReceived(this.#options.origin);
    if (!isAnswer) this.#outlet.append({ kind: "close", status, cause });
  }

  #closeHere(close: DecidedClose): void {
    this.#mode = advanceMode(this.#mode, "close-decided");
    this.#own.forget();
    // First, so that its grounds, not the Close frame that carries it out, count as the cause of the end.
    this.#options.owner.onCloseDecided(this.#options.origin, close);
    this.#outlet.append({ kind: "close", status: close, cause: "gateway" });
  }

  /** Pass the chunk's bytes up to `end` on as they are. */
  #passRaw(end: number): void {
    if (end > this.#rawFrom) {
      this.#outlet.append({ kind: "raw", bytes: this.#chunk.subarray(this.#rawFrom, end) });
    }
    this.#rawFrom = end;
  }

  /** Keep the chunk's bytes up to `end` with the message being put together. */
  #keepRaw(end: number): void {
    this.#intake.keepRaw(this.#chunk, this.#rawFrom, end);
    this.#rawFrom = end;
  }
}

const nothing = Buffer.alloc(0);

/** Set on the scanner after the sender's Close: what follows it is not looked at. */
const STOPPED: WireFault = { code: 1002, reason: "" };
