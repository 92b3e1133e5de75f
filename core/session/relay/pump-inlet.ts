import { isControl, type WireFault } from "../../wire/frame.ts";
import { FrameScanner, type FrameSink } from "../../wire/frame-scanner.ts";
import { MessageIntake } from "../flow/message-intake.ts";
import type { MessageMeter } from "../meters/message-meter.ts";
import { PumpTap } from "../tap/pump-tap.ts";
import { ControlReader, type SenderLast } from "./control-reader.ts";
import type { OwnFrames } from "./own-frames.ts";
import {
  advanceMode,
  fateOf,
  isPutTogether,
  type Opening,
  openingAt,
  type PumpFrameKind,
  type PumpMode,
} from "./pump-mode.ts";
import type { InletOptions, InletPump } from "./pump-options.ts";
import type { PumpOutlet } from "./pump-outlet.ts";

/**
 * The near end of a pump: cuts the sender's bytes into frames, and carries out on each what pump-mode.ts decides. The
 * only writer of the mode.
 */
export class PumpInlet implements FrameSink {
  messages = 0;
  bytes = 0;
  /** Those before the message that goes on. */
  #bytesBefore = 0;
  // By the pump's clock: when bytes, a part of a message, a ping or pong, came last.
  receivedAt = 0;
  #messageAt = 0;
  controlAt = 0;

  readonly #options: InletOptions;
  readonly #pump: InletPump;
  readonly #outlet: PumpOutlet;
  readonly #own: OwnFrames;
  readonly #meter: MessageMeter;
  readonly #scanner: FrameScanner;
  #tap: PumpTap | undefined;
  readonly #intake: MessageIntake;
  readonly #control: ControlReader;

  #mode: PumpMode = "splice";
  #kind: PumpFrameKind = "data";

  /** The start of a header whose rest has not come yet. */
  #carry: Buffer | undefined;
  // While a chunk is scanned: the chunk, and where its bytes that are not passed on yet begin.
  #chunk: Buffer = nothing;
  /** The next read writes over it: what is kept of it has to be a copy. */
  #isBorrowed = false;
  #rawFrom = 0;

  constructor(options: InletOptions, pump: InletPump) {
    const { origin, limits, deflate, sink } = options;
    this.#options = options;
    this.#pump = pump;
    this.#outlet = pump.outlet;
    this.#own = pump.own;
    this.#meter = options.meter;
    this.#scanner = new FrameScanner({
      masked: origin === "client",
      allowRsv1: deflate.from !== undefined,
      maxMessageBytes: limits.passesAny ? Number.POSITIVE_INFINITY : limits.maxMessageBytes,
      maxFrameBytes: limits.maxFrameBytes,
    });
    this.#tap = sink && new PumpTap(this.#scanner, sink);
    this.#intake = new MessageIntake(options, this.#scanner, this.#tap, pump.outlet);
    this.#control = new ControlReader(this.#scanner, options.ownPong);
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

  /** From the next frame on, somebody else wants to know what passes, or nobody. */
  tellTo(sink: InletOptions["sink"]): void {
    this.#tap = sink && new PumpTap(this.#scanner, sink);
    this.#intake.tap = this.#tap;
  }

  /** This direction ends for a reason that its frames do not give. */
  end(event: "close-decided" | "ended"): void {
    this.#mode = advanceMode(this.#mode, event);
  }

  receive(bytes: Buffer, isBorrowed: boolean): void {
    this.receivedAt = this.#options.clock.now;
    if (this.#mode === "over") return;
    const chunk = this.#carry === undefined ? bytes : Buffer.concat([this.#carry, bytes]);
    this.#isBorrowed = isBorrowed && this.#carry === undefined;
    this.#carry = undefined;
    this.#chunk = chunk;
    if (isPutTogether(this.#mode)) this.#keepChunk();
    this.#rawFrom = 0;
    const time = Date.now();
    this.#intake.startChunk(time);
    const startedAt = this.#meter.isTimed() ? performance.now() : 0;
    const before = this.messages;
    this.#tap?.startChunk(chunk, time);

    const used = this.#scanner.scan(chunk, this);
    this.#tap?.endChunk();
    this.#endChunk(used);
    if (startedAt > 0 && this.messages > before)
      this.#outlet.time({ meter: this.#meter, startedAt, messages: this.messages - before });
    const { fault } = this.#scanner;
    if (fault === undefined && used < chunk.length) this.#carry = Buffer.from(chunk.subarray(used));
    if (fault !== undefined && fault !== STOPPED) this.#endHere({ status: fault, cause: "wire-fault" });
    this.#chunk = nothing;
    this.#intake.endChunk();
    if (this.#options.rate?.action === "delay") this.#pump.onPressure();
  }

  onHeader(start: number, end: number): void {
    this.#tap?.onHeader(start);
    if (isControl(this.#scanner.opcode)) this.#beginControl(start);
    else if (!this.isOver) this.#beginData(start, end);
  }

  onPayload(from: number, to: number): void {
    this.#tap?.onPayload(from, to);
    switch (fateOf(this.#mode, this.#kind)) {
      case "collect":
      case "weigh":
        return this.#addPayload(from, to);
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
    if (!isPutTogether(this.#mode)) this.#passRaw(end);
    this.#own.release();
  }

  #addPayload(from: number, to: number): void {
    const fault = this.#intake.addPayload(this.#chunk, from, to);
    if (fault !== undefined) this.#endHere({ status: fault, cause: "wire-fault" });
  }

  #tellFrame(tap: PumpTap, end: number): void {
    const fate = fateOf(this.#mode, this.#kind);
    if (fate === "collect") tap.skipFrame();
    else tap.onFrameEnd(end, this.#kind === "data" && fate === "drop");
  }

  #beginData(start: number, payloadFrom: number): void {
    this.bytes += this.#scanner.length;
    if (this.#mode === "skip") return;
    const begun = this.#intake.begin(this.#chunk, start, payloadFrom);
    if (begun === undefined) return;
    if (this.#mode === "splice") this.#passRaw(start);
    if (typeof begun === "string") this.#advance(begun);
    else if ("cause" in begun) this.#pump.closeHere(begun);
    else this.#endHere({ status: begun, cause: "wire-fault" });
  }

  #advance(begun: "message-read" | "message-weighed" | "message-refused"): void {
    this.#mode = advanceMode(this.#mode, begun);
    if (isPutTogether(this.#mode)) this.#keepChunk();
  }

  #endData(end: number): void {
    this.#messageAt = this.receivedAt;
    if (this.#mode === "skip") this.#rawFrom = end;
    if (!this.#scanner.fin) return;
    this.messages++;
    this.#meter.sizes.add(this.bytes - this.#bytesBefore);
    this.#bytesBefore = this.bytes;
    if (this.#mode === "splice") return;
    const before = this.#mode;
    this.#mode = advanceMode(before, "message-end");
    if (before === "read") this.#sendThroughPolicies(end);
    else if (before === "weigh") this.#passWeighed(end);
  }

  #sendThroughPolicies(end: number): void {
    const flow = this.#intake.finish(this.#chunk, this.#rawFrom, end, this.messages);
    this.#rawFrom = end;
    if ("fault" in flow) return this.#endHere({ status: flow.fault, cause: "wire-fault" });
    this.#outlet.append({ kind: "flow", flow });
    flow.advance();
  }

  #passWeighed(end: number): void {
    const weighed = this.#intake.weigh(this.#chunk, this.#rawFrom, end);
    this.#rawFrom = end;
    if ("fault" in weighed) return this.#endHere({ status: weighed.fault, cause: "wire-fault" });
    for (const bytes of weighed.earlier ?? []) this.#outlet.append({ kind: "raw", bytes });
    this.#outlet.append({ kind: "raw", bytes: weighed.raw });
  }

  #beginControl(start: number): void {
    this.#kind = this.#control.begin(this.#outlet.isHeld);
    if (this.isOver) return;
    if (isPutTogether(this.#mode)) this.#keepRaw(start);
    else if (this.#kind !== "control") this.#passRaw(start);
  }

  #endControl(end: number): void {
    const kind = this.#kind;
    this.#kind = "data";
    switch (fateOf(this.#mode, kind)) {
      case "parse":
        return this.#endHere(this.#control.parseClose());
      case "hold":
        if (this.#endPong(end)) return;
        break;
      case "drop":
        return;
      case "pass":
      case "collect":
      case "weigh":
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
    if (this.#outlet.isHeld) {
      const rest = Buffer.from(this.#chunk.subarray(this.#rawFrom, end));
      this.#outlet.passBy(held.length === 0 ? rest : Buffer.concat([held, rest]));
      this.#rawFrom = end;
    } else if (held.length > 0) this.#outlet.append({ kind: "raw", bytes: held });
    return false;
  }

  /** What the rest of the chunk becomes. */
  #endChunk(used: number): void {
    if (this.isOver) return;
    switch (fateOf(this.#mode, this.#kind)) {
      case "pass":
        return this.#passRaw(used);
      case "collect":
      case "weigh":
        return this.#keepRaw(used);
      case "hold":
        return this.#control.keepRaw(this.#chunk, this.#rawFrom, used);
      case "parse":
      case "drop":
    }
  }

  #endHere(last: SenderLast): void {
    const isAnswer = this.#mode === "answer";
    this.#mode = advanceMode(this.#mode, "ended");
    this.#scanner.fault = STOPPED;
    this.#pump.onSenderDone(last, isAnswer);
  }

  /** Pass the chunk's bytes up to `end` on as they are. */
  #passRaw(end: number): void {
    if (end > this.#rawFrom) {
      if (this.#isBorrowed) this.#outlet.appendBorrowed(this.#chunk, this.#rawFrom, end);
      else this.#outlet.append({ kind: "raw", bytes: this.#chunk.subarray(this.#rawFrom, end) });
    }
    this.#rawFrom = end;
  }

  /** What lies in the chunk is kept: from here on a copy of it is looked at, in which all is where it was. */
  #keepChunk(): void {
    if (!this.#isBorrowed || this.#intake.keepsNoChunk) return;
    this.#isBorrowed = false;
    const copy = Buffer.allocUnsafe(this.#chunk.length);
    copy.set(this.#chunk);
    this.#chunk = copy;
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
