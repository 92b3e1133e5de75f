import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { TLSSocket } from "node:tls";
import { MAX_PIECE_BYTES } from "../wire/frame-slab.ts";
import type { TimedRead } from "./meters/message-meter.ts";
import { TurnMemory } from "./turn-memory.ts";

export interface OutboxOwner {
  /** A write was not taken at once. */
  onFull(): void;
}

/**
 * Collects what one loop turn has for a socket and writes it at once: a system call per socket and turn, not one per
 * message, is where the speed comes from.
 */
export class Outbox {
  readonly #socket: Duplex;
  readonly #turn: Turn;
  readonly #owner: OutboxOwner;
  readonly #fullBytes: number;
  /** What it has taken when a write returns is with the system, and the memory free. */
  readonly #isDirect: boolean;
  #parts: Uint8Array[] = [];
  #scheduled = false;
  #ending = false;
  // The last part, kept open while what comes next follows it in the same memory.
  #buffer: ArrayBufferLike | undefined;
  #start = 0;
  #end = 0;

  /**
   * @param fullBytes so much may wait, if it is more than the socket itself allows
   */
  constructor(socket: Duplex, turn: Turn, owner: OutboxOwner, fullBytes = 0) {
    this.#fullBytes = fullBytes;
    this.#isDirect = socket instanceof Socket && !(socket instanceof TLSSocket);
    this.#socket = socket;
    this.#turn = turn;
    this.#owner = owner;
  }

  push(bytes: Uint8Array): void {
    if (this.#ending) return;
    // To ask for it is a call out of compiled code.
    const { buffer } = bytes;
    if (buffer === this.#buffer && bytes.byteOffset === this.#end) {
      this.#end += bytes.length;
    } else {
      this.#seal();
      this.#buffer = buffer;
      this.#start = bytes.byteOffset;
      this.#end = bytes.byteOffset + bytes.length;
    }
    this.#schedule();
  }

  /** The same for bytes that are not there any longer than this call. */
  pushBorrowed(source: Buffer, from: number, to: number): void {
    if (this.#ending) return;
    const leavesNow = this.#isDirect && this.#socket.writableLength === 0;
    this.push(leavesNow ? this.#turn.memory.copy(source, from, to) : Buffer.from(source.subarray(from, to)));
  }

  /** The same for bytes that nobody looks at afterwards: their memory is used again if it may be. */
  pushLast(bytes: Uint8Array): void {
    this.push(bytes);
    this.finishWith(bytes);
  }

  /** What lies there has been pushed, and is looked at by nobody else. */
  finishWith(bytes: Uint8Array): void {
    if (bytes.length <= MAX_PIECE_BYTES) return; // a piece of memory that stays for what comes behind it
    // What comes after the end leaves in no turn.
    if (this.#isDirect && !this.#ending) this.#turn.memory.leave(bytes.buffer);
  }

  /** What lies there has not been pushed, and is for nobody any more. */
  giveBack({ buffer }: Uint8Array): void {
    this.#turn.memory.giveBack(buffer);
  }

  /** The receiver is slower than the sender: wait for the socket's `drain`. */
  get isFull(): boolean {
    return this.#socket.writableNeedDrain && this.#socket.writableLength >= this.#fullBytes;
  }

  /** What is pushed now leaves no more. */
  get isEnding(): boolean {
    return this.#ending;
  }

  /** Nothing waits to be written, neither here nor in the socket. */
  get isEmpty(): boolean {
    return this.#buffer === undefined && this.#parts.length === 0 && this.#socket.writableLength === 0;
  }

  /** Handed to the socket and not taken by the system yet. */
  get bufferedBytes(): number {
    return this.#socket.destroyed ? 0 : this.#socket.writableLength;
  }

  /** What was pushed has left with the turn, as far as the gateway goes. */
  time(read: TimedRead): void {
    this.#turn.time(read);
  }

  /** Calls back when what was pushed has been handed to the socket. */
  whenHandedOver(callback: () => void): void {
    this.#turn.whenFlushed(callback);
  }

  /** FIN after what was pushed. */
  end(): void {
    if (this.#ending) return;
    this.#ending = true;
    this.#schedule();
  }

  flush(): void {
    this.#scheduled = false;
    this.#seal();
    const parts = this.#parts;
    this.#parts = [];
    // What comes for a receiver that has gone is forgotten, not collected.
    if (parts.length > 0 && !this.#socket.destroyed) {
      if (parts.length === 1) this.#socket.write(parts[0]);
      else this.#writeAll(parts);
      if (this.#socket.writableLength > 0) for (const { buffer } of parts) this.#turn.memory.giveUp(buffer);
      if (this.isFull) this.#owner.onFull();
    }
    if (this.#ending && !this.#socket.writableEnded) this.#endSocket();
  }

  /**
   * To close a socket whose peer has ended sends the FIN as well: a system call less than to end it and then to close it.
   * What waits in the socket would be lost, and so would the close_notify that TLS ends with (RFC 8446, section 6.1): it is
   * sent by `end` alone.
   */
  #endSocket(): void {
    const { readableEnded, writableLength } = this.#socket;
    if (this.#isDirect && readableEnded && writableLength === 0) this.#socket.destroy();
    else this.#socket.end();
  }

  #writeAll(parts: Uint8Array[]): void {
    let total = 0;
    for (const part of parts) total += part.length;
    if (total <= JOIN_UP_TO && total <= parts.length * LARGE_PART) {
      this.#socket.write(Buffer.concat(parts, total));
      return;
    }
    this.#socket.cork();
    for (const part of parts) this.#socket.write(part);
    this.#socket.uncork();
  }

  #seal(): void {
    if (this.#buffer === undefined) return;
    this.#parts.push(Buffer.from(this.#buffer as ArrayBuffer, this.#start, this.#end - this.#start));
    this.#buffer = undefined;
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#turn.add(this);
  }
}

/** Up to here copying the parts together is cheaper than a writev, unless most of it is in few of them. */
const JOIN_UP_TO = 64 * 1024;
const LARGE_PART = 8 * 1024;

/** Flushes, once the event that is being handled is done, every outbox that it filled. */
export class Turn {
  readonly memory = new TurnMemory();
  #outboxes: Outbox[] = [];
  #timed: TimedRead[] = [];
  #callbacks: (() => void)[] = [];
  readonly #flushAll = (): void => {
    const outboxes = this.#outboxes;
    this.#outboxes = [];
    for (const outbox of outboxes) outbox.flush();
    if (this.#timed.length > 0) this.#endTimed();
    if (this.#callbacks.length > 0) this.#callBack();
    // A flush may have filled another one.
    if (this.#outboxes.length === 0) this.memory.endTurn();
  };

  add(outbox: Outbox): void {
    if (this.#outboxes.length === 0) process.nextTick(this.#flushAll);
    this.#outboxes.push(outbox);
  }

  /** Its messages leave with this turn, or none of them leaves at all. */
  time(read: TimedRead): void {
    this.#timed.push(read);
    if (this.#outboxes.length === 0) this.#endTimed();
  }

  /** Calls back at the end of the turn, at once where nothing is to be flushed. */
  whenFlushed(callback: () => void): void {
    this.#callbacks.push(callback);
    if (this.#outboxes.length === 0) this.#callBack();
  }

  #callBack(): void {
    const callbacks = this.#callbacks;
    this.#callbacks = [];
    for (const callback of callbacks) callback();
  }

  #endTimed(): void {
    const now = performance.now();
    for (const { meter, startedAt, messages } of this.#timed) meter.addLatency(now - startedAt, messages);
    this.#timed = [];
  }
}
