import type { Socket } from "node:net";
import type { Payload, Side } from "../../sandbox/contract/hooks.ts";
import { HIGH_TIDE_BYTES } from "../../sandbox/contract.ts";
import { KEEP_ALIVE_MS } from "../net/keep-alive.ts";
import { cutSocket } from "../net/socket-reset.ts";
import { CopiedOutbox } from "./copied-outbox.ts";
import { RateDelay } from "./limits/rate-delay.ts";
import type { RateGate } from "./limits/rate-gate.ts";
import { Outbox, type OutboxOwner } from "./outbox.ts";
import type { Pump } from "./relay/pump.ts";
import type { SharedParts } from "./session-setup.ts";

export interface LegOptions {
  readonly side: Side;
  readonly socket: Socket;
  /** So much may wait for this peer, if it is more than the socket itself allows. */
  readonly fullBytes: number;
  /** What this peer may send; undefined: as much as it likes to. */
  readonly rate: RateGate | undefined;
  /** Who gets copies of all that this peer is sent; undefined: nobody. */
  readonly copy: ((bytes: Uint8Array) => void) | undefined;
  readonly shared: Omit<SharedParts, "newcomers" | "pingPayload" | "maskKeys" | "allocate" | "allocateFrame">;
  readonly owner: LegOwner;
}

export interface LegOwner {
  /** This leg takes more again, or less: both have to look whether they may be read. */
  onPressure(): void;
  /** This peer has ended, or vanished, and what it has said before is behind in the pump. */
  onLastRead(): void;
  /** The socket is closed for good. */
  onGone(side: Side): void;
}

const legKey: unique symbol = Symbol("leg");

/** A socket that knows whose it is. */
type LegSocket = Socket & { [legKey]: Leg | undefined };

/**
 * One of a session's two connections: the peer's socket, what is on its way to it, and when it is read.
 *
 * A leg is not read as long as any of this holds:
 *
 *   the other leg is full           the other peer takes less than this one sends
 *   its pump is full                verdicts are slower than it is
 *   it is over its rate             until that is made good
 *   it was sent replies and is full, or they wait behind what is: policies' replies are taken before more is asked
 *   the sandbox is full             if there are messages of this leg among what it has in hand
 */
export class Leg implements OutboxOwner {
  readonly side: Side;
  readonly outbox: Outbox;
  readonly #shared: LegOptions["shared"];
  readonly #owner: LegOwner;
  readonly #socket: LegSocket;
  readonly #rate: RateGate | undefined;
  readonly #delay: RateDelay | undefined;
  // Each leg's pump writes to the other's outbox: both come when both legs are there.
  #pump!: Pump;
  #other!: Leg;
  #isPaused = false;
  #isReset = false;
  #hasReplies = false;
  #fullSince: number | undefined;
  #drainedAt = 0;

  constructor(options: LegOptions) {
    const { side, socket, fullBytes, rate, copy, shared, owner } = options;
    this.side = side;
    this.#shared = shared;
    this.#owner = owner;
    this.#socket = socket as LegSocket;
    this.#socket[legKey] = this;
    this.#rate = rate;
    this.outbox =
      copy === undefined
        ? new Outbox(socket, shared.turn, this, fullBytes)
        : new CopiedOutbox(copy, socket, shared.turn, this, fullBytes);
    if (rate?.action === "delay") this.#delay = new RateDelay(rate, shared.deadlines, () => this.regulate());
  }

  /** @param pump carries what this peer sends to the other */
  join(other: Leg, pump: Pump): void {
    this.#other = other;
    this.#pump = pump;
  }

  get pump(): Pump {
    return this.#pump;
  }

  /** It has vanished without a FIN. */
  get isReset(): boolean {
    return this.#isReset;
  }

  /** Since when this leg has had more waiting than it takes. Times are those of the deadlines' clock. */
  get fullSince(): number | undefined {
    return this.#fullSince;
  }

  /** More waits to be sent to this peer, or on its way from it, than is good. */
  get isCongested(): boolean {
    return this.outbox.isFull || this.#pump.isFull || this.#pump.isHoldingBack;
  }

  /** When this peer last gave a sign of life. */
  get heardAt(): number {
    // A leg that is not read cannot be heard; one that has said its last is the closeTimeout's.
    if (this.#isPaused || this.#pump.isOver) return this.#shared.deadlines.now;
    return Math.max(this.#pump.receivedAt, this.#drainedAt);
  }

  /**
   * Take over the socket.
   *
   * @param head what came of the peer right behind the handshake
   */
  start(head: Buffer): void {
    const socket = this.#socket;
    socket.setTimeout(0);
    // As the dial has left the server's: nothing is read before what is there already, which may hold the leg up.
    socket.pause();
    socket.on("data", socketOnData);
    socket.on("end", socketOnEnd);
    socket.on("error", socketOnError);
    socket.on("drain", socketOnDrain);
    socket.on("close", socketOnClose);
    if (head.length > 0) this.receive(head, false);
    this.#shared.reads.follow(socket, socketOnRead);
    this.#setPaused(this.#isHeldUp());
  }

  /** As the door has it for clients: a peer that has vanished without a word is not waited for for ever. */
  keepAlive(): void {
    this.#socket.setKeepAlive(true, KEEP_ALIVE_MS);
  }

  onFull(): void {
    this.#fullSince ??= this.#shared.deadlines.now;
    this.#owner.onPressure();
  }

  /** Send messages that policies made in answer to this peer's. */
  reply(payloads: readonly Payload[]): void {
    this.#hasReplies = true;
    this.#other.pump.inject(payloads);
  }

  /** Look again whether to read: what holds it up may have gone, or come. */
  regulate(): void {
    const shouldPause = this.#isHeldUp();
    if (shouldPause !== this.#isPaused) this.#setPaused(shouldPause);
  }

  /** FIN, after what is on its way. */
  end(): void {
    this.outbox.end();
  }

  /** What is on its way is not lost: with something left to write, the leg gets a FIN after it in place of the RST. */
  reset(): void {
    if (this.#socket.destroyed) return;
    if (this.outbox.isEmpty) return cutSocket(this.#socket);
    this.outbox.end();
    this.#socket.once("finish", () => this.#socket.destroy());
  }

  /** The peer has vanished: so does this leg. */
  cutOff(): void {
    this.vanish();
    cutSocket(this.#socket);
  }

  destroy(): void {
    this.#socket.destroy();
  }

  /** The session has ended. */
  leave(): void {
    this.#delay?.stop();
    this.#rate?.leave();
  }

  #isHeldUp(): boolean {
    const other = this.#other;
    return (
      other.outbox.isFull ||
      this.#pump.isFull ||
      this.#delay?.isDue() === true ||
      (this.#hasReplies && (this.outbox.isFull || other.pump.isFull)) ||
      (this.#shared.sandbox.pendingBytes > HIGH_TIDE_BYTES && !this.#pump.isIdle)
    );
  }

  #setPaused(isPaused: boolean): void {
    this.#isPaused = isPaused;
    if (isPaused) this.#socket.pause();
    else this.#socket.resume();
  }

  /** @param isBorrowed the bytes are not there any longer than this call */
  receive(chunk: Buffer, isBorrowed: boolean): void {
    this.#pump.receive(chunk, isBorrowed);
    if (this.#pump.isFull || !this.#pump.isIdle) this.regulate();
  }

  receiveEnd(): void {
    this.#pump.receiveEnd();
    this.#owner.onLastRead();
  }

  vanish(): void {
    this.#isReset = true;
    this.receiveEnd();
  }

  onDrain(): void {
    this.#hasReplies = false;
    this.#fullSince = undefined;
    this.#drainedAt = this.#shared.deadlines.now;
    this.#owner.onPressure();
  }

  onClose(): void {
    this.#owner.onGone(this.side);
    // Nobody takes this leg's messages any more: read the other on, to see its end.
    this.#other.regulate();
  }
}

// The listeners of all legs: a function of its own for each of them, in each leg, would be a good part of what an idle one takes.

function socketOnData(this: LegSocket, chunk: Buffer): void {
  this[legKey]?.receive(chunk, false);
}

function socketOnRead(this: LegSocket, bytes: Buffer): void {
  this[legKey]?.receive(bytes, true);
}

function socketOnEnd(this: LegSocket): void {
  this[legKey]?.receiveEnd();
}

function socketOnError(this: LegSocket): void {
  this[legKey]?.vanish();
}

function socketOnDrain(this: LegSocket): void {
  this[legKey]?.onDrain();
}

function socketOnClose(this: LegSocket): void {
  const leg = this[legKey];
  // Nothing comes of it any more: as long as V8 has not collected the socket, it would keep all of the session.
  this[legKey] = undefined;
  leg?.onClose();
}
