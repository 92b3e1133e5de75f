import { once } from "node:events";
import type { Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { OPCODE } from "../wire/frame.ts";
import { encodeClose, encodeFrame, type MaskKeys } from "../wire/frame-encoder.ts";
import { type AnswersOwner, MirrorAnswers } from "./mirror-answers.ts";
import type { MirrorRoom } from "./mirror-room.ts";

/** More does not wait for one connection. */
const MAX_LINK_BYTES = 1024 * 1024;
/** What a message takes beside its frames, about: small ones count as well. */
const MESSAGE_BYTES = 128;
/** After the session a mirror gets what waits for so long. */
const LINGER_MS = 5_000;
const FIRST_DELAY_MS = 500;
const MOST_DELAY_MS = 30_000;
/** A mirror that pings and does not read gets no pongs. */
const MAX_PONG_BYTES = 64 * 1024;

/** A mirror that has agreed. */
export interface OpenMirror {
  readonly socket: Socket;
  readonly head: Buffer;
  /** Gives the place at the server back. */
  release(): void;
}

export interface LinkParts {
  readonly room: MirrorRoom;
  /** Its name, or URL. */
  readonly mirror: string;
  readonly maskKeys: MaskKeys;
  /** Rejects when the mirror cannot be had. */
  open(signal: AbortSignal): Promise<OpenMirror>;
  onSent(): void;
  onLost(): void;
  onFailure(reason: string): void;
  onOver(): void;
}

/**
 * The way of one side's copies to the mirror, over one connection after the other.
 *
 *   waits ── its time has come ──▶ dials ── 101 ──▶ open
 *     ▲                              │                │
 *     └── it cannot be had, has ended, or breaks the protocol
 *
 *   end ──▶ (from all of them) what waits is sent, if that can be done soon ──▶ over
 */
export class MirrorLink implements AnswersOwner {
  readonly #parts: LinkParts;
  readonly #over = new AbortController();
  #queue: Buffer[] = [];
  #waitingBytes = 0;
  #socket: Socket | undefined;
  #isEnding = false;
  #isCorked = false;
  #linger: NodeJS.Timeout | undefined;

  constructor(parts: LinkParts) {
    this.#parts = parts;
  }

  start(): void {
    void this.#run();
  }

  send(frames: Buffer): void {
    const { room, onLost } = this.#parts;
    const size = frames.length + MESSAGE_BYTES;
    if (this.#isEnding || this.#waitingBytes + size > MAX_LINK_BYTES || !room.take(size)) return onLost();
    this.#waitingBytes += size;
    if (this.#socket === undefined) this.#queue.push(frames);
    else this.#write(this.#socket, frames);
  }

  /** The session is over. */
  end(): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    if (this.#socket !== undefined) this.#close(this.#socket, 1000);
    else if (this.#queue.length === 0) return this.stop();
    this.#linger = setTimeout(() => this.stop(), LINGER_MS);
    this.#linger.unref();
  }

  /** At once. */
  stop(): void {
    if (this.#over.signal.aborted) return;
    this.#isEnding = true;
    clearTimeout(this.#linger);
    this.#over.abort();
    this.#socket?.destroy();
    for (const frames of this.#queue) this.#settle(frames, false);
    this.#queue = [];
    this.#parts.onOver();
  }

  onPing(payload: Buffer): void {
    const socket = this.#socket;
    if (socket === undefined || socket.writableEnded || socket.writableLength > MAX_PONG_BYTES) return;
    socket.write(encodeFrame(OPCODE.pong, payload, this.#parts.maskKeys));
  }

  onLast(payload: Buffer | undefined): void {
    const socket = this.#socket;
    if (socket === undefined) return;
    if (!this.#isEnding)
      this.#parts.onFailure(payload === undefined ? "it broke the protocol" : "it closed the connection");
    if (payload === undefined || socket.writableEnded) return void socket.destroy();
    socket.end(encodeFrame(OPCODE.close, payload, this.#parts.maskKeys));
  }

  async #run(): Promise<void> {
    const { signal } = this.#over;
    let failures = 0;
    while (!signal.aborted) {
      const startedAt = performance.now();
      const mirror = await this.#dial();
      if (mirror !== undefined) {
        await this.#serve(mirror);
        // One that lets us in and leaves at once is no better than one that does not.
        if (performance.now() - startedAt > MOST_DELAY_MS) failures = 0;
      }
      if (this.#isEnding && (mirror !== undefined || this.#queue.length === 0)) return this.stop();
      const wait = Math.min(FIRST_DELAY_MS * 2 ** failures++, MOST_DELAY_MS) * (0.5 + Math.random() / 2);
      await delay(wait, undefined, { signal, ref: false }).catch(() => {});
    }
  }

  async #dial(): Promise<OpenMirror | undefined> {
    const { signal } = this.#over;
    const leave = await this.#parts.room.dial(this.#parts.mirror, signal);
    if (leave === undefined) return undefined;
    try {
      return await this.#parts.open(signal);
    } catch (error) {
      if (!signal.aborted) this.#parts.onFailure((error as Error).message);
      return undefined;
    } finally {
      leave();
    }
  }

  /** Settles when the connection is over. */
  async #serve({ socket, head, release }: OpenMirror): Promise<void> {
    const { room } = this.#parts;
    if (socket.closed) return release();
    const answers = new MirrorAnswers(this);
    const resume = (): void => {
      socket.resume();
    };
    const closed = once(socket, "close");
    closed.catch(() => {});
    socket.setTimeout(0);
    socket.on("error", () => {});
    socket.on("end", () => socket.destroy());
    socket.on("data", (bytes) => {
      answers.take(bytes);
      if (!room.read(bytes.length, resume)) socket.pause();
    });
    this.#socket = socket;
    const waiting = this.#queue;
    this.#queue = [];
    for (const frames of waiting) this.#write(socket, frames);
    if (head.length > 0) answers.take(head);
    if (this.#isEnding) this.#close(socket, 1000);
    if (this.#over.signal.aborted) socket.destroy();
    socket.resume();
    await closed.catch(() => {});
    this.#socket = undefined;
    release();
  }

  /** One system call for all that a turn has. */
  #write(socket: Socket, frames: Buffer): void {
    if (!this.#isCorked) {
      this.#isCorked = true;
      socket.cork();
      process.nextTick(() => {
        this.#isCorked = false;
        socket.uncork();
      });
    }
    socket.write(frames, (error) => this.#settle(frames, error === null || error === undefined));
  }

  #close(socket: Socket, code: number): void {
    if (!socket.writableEnded) socket.end(encodeClose(code, "", this.#parts.maskKeys));
  }

  #settle(frames: Buffer, isSent: boolean): void {
    const size = frames.length + MESSAGE_BYTES;
    this.#waitingBytes -= size;
    this.#parts.room.giveBack(size);
    if (isSent) this.#parts.onSent();
    else this.#parts.onLost();
  }
}
