import type { Socket } from "node:net";
import type { HoldPlace } from "../../upgrade/hold/hold-room.ts";
import { ByteCollector } from "../../wire/byte-collector.ts";
import type { CloseStatus } from "../../wire/close-payload.ts";
import { isControl, OPCODE } from "../../wire/frame.ts";
import { encodeClose, encodeFrame } from "../../wire/frame-encoder.ts";
import { FrameScanner, type FrameSink } from "../../wire/frame-scanner.ts";
import { ControlReader, type SenderLast } from "../relay/control-reader.ts";

export interface HeldClientOptions {
  /** With so much kept the client is not read any more; what one read brings may be beyond it. */
  readonly mostMessages: number;
  readonly mostBytes: number;
  /** In the room of all that are held: while that is full none of them is read. */
  readonly place: HoldPlace;
  readonly maxMessageBytes: number;
  readonly maxFrameBytes: number;
  readonly owner: HeldClientOwner;
}

export interface HeldClientOwner {
  /** It has closed, or broken the protocol, and has its answer. */
  onLast(last: SenderLast): void;
  /** It has answered the gateway's Close with one of its own. */
  onAnswer(status: CloseStatus): void;
  /** It has vanished without a Close frame. */
  onVanished(how: "FIN" | "reset"): void;
  /** Its socket is closed for good. */
  onGone(): void;
}

/**
 * A client that has its 101 and no server yet: what it sends is kept as it came.
 *
 *   holding ── take ────────────────────────────▶ taken     a session has the socket
 *      │
 *      ├── its Close, or what breaks the protocol ─▶ answered ──┐
 *      ├── the gateway closes ── its Close ────────▶ answered ──┼──▶ gone
 *      └── FIN, reset ──────────────────────────────────────────┘
 */
export class HeldClient implements FrameSink {
  messages = 0;
  /** Of messages' payloads. */
  payloadBytes = 0;
  readonly #socket: Socket;
  readonly #options: HeldClientOptions;
  readonly #scanner: FrameScanner;
  readonly #control: ControlReader;
  #state: "holding" | "closing" | "answered" | "over" = "holding";
  /** However small the pieces are that it comes in: nobody keeps much with little. */
  #kept = new ByteCollector();
  #keptBytes = 0;
  #isReadingClose = false;
  // While a chunk is scanned.
  #chunk: Buffer = nothing;
  #carry: Buffer = nothing;

  readonly #onData = (chunk: Buffer): void => this.#receive(chunk);
  readonly #onEnd = (): void => this.#vanish("FIN");
  readonly #onClose = (): void => {
    this.#vanish("reset");
    if (this.#state === "over") return;
    this.#state = "over";
    this.#options.owner.onGone();
  };

  constructor(socket: Socket, options: HeldClientOptions) {
    this.#socket = socket;
    this.#options = options;
    options.place.onRoom = () => this.#regulate();
    const { maxMessageBytes, maxFrameBytes } = options;
    this.#scanner = new FrameScanner({ masked: true, allowRsv1: false, maxMessageBytes, maxFrameBytes });
    this.#control = new ControlReader(this.#scanner, undefined);
  }

  /** @param head what came right behind the handshake */
  start(head: Buffer): void {
    const socket = this.#socket;
    socket.setTimeout(0);
    socket.on("data", this.#onData);
    socket.on("end", this.#onEnd);
    socket.on("close", this.#onClose);
    if (head.length > 0) this.#receive(head);
    else this.#regulate();
  }

  get bufferedBytes(): number {
    return this.#keptBytes;
  }

  /** Let go of the socket, which is paused. @returns all that has come of the client */
  take(): Buffer {
    this.#state = "over";
    const socket = this.#socket;
    socket.pause();
    socket.off("data", this.#onData);
    socket.off("end", this.#onEnd);
    socket.off("close", this.#onClose);
    return this.#kept.take();
  }

  /** A text message of the gateway's own. */
  tell(text: string): void {
    if (this.#state === "holding") this.#socket.write(encodeFrame(OPCODE.text, Buffer.from(text), undefined));
  }

  /** End with a Close frame, and wait for the client's. */
  close({ code, reason }: CloseStatus): void {
    if (this.#state !== "holding") return;
    this.#state = "closing";
    this.#forget();
    this.#socket.write(encodeClose(code, reason, undefined));
    this.#socket.resume();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  onHeader(): void {
    const { opcode: code } = this.#scanner;
    this.#isReadingClose = isControl(code) && this.#control.begin() === "close";
  }

  onPayload(from: number, to: number): void {
    if (this.#isReadingClose) this.#control.addPayload(this.#chunk, from, to);
  }

  onFrameEnd(): void {
    const { opcode: code, length, fin } = this.#scanner;
    if (this.#isReadingClose) return this.#answer(this.#control.parseClose());
    if (isControl(code)) return;
    this.payloadBytes += length;
    if (fin) this.messages++;
  }

  #receive(bytes: Buffer): void {
    if (this.#state === "answered") return;
    const chunk = this.#carry.length === 0 ? bytes : Buffer.concat([this.#carry, bytes]);
    this.#chunk = chunk;
    if (this.#state === "holding") {
      this.#kept.append(bytes, 0, bytes.length);
      this.#keptBytes += bytes.length;
      this.#options.place.keep(this.#kept.size);
    }
    const used = this.#scanner.scan(chunk, this);
    this.#chunk = nothing;
    this.#carry = Buffer.from(chunk.subarray(used));
    const { fault } = this.#scanner;
    if (fault !== undefined && fault !== STOPPED) this.#answer({ status: fault, cause: "wire-fault" });
    this.#regulate();
  }

  #regulate(): void {
    if (this.#state === "over") return;
    if (this.#state === "holding" && this.#isFull) this.#socket.pause();
    else this.#socket.resume();
  }

  get #isFull(): boolean {
    const { mostBytes, mostMessages, place } = this.#options;
    return this.#keptBytes >= mostBytes || this.messages >= mostMessages || place.isRoomFull;
  }

  /** Its Close gets one of the same code, and what breaks the protocol one that says so; then the gateway closes first (RFC 6455 section 7.1.1). */
  #answer(last: SenderLast): void {
    const isAnswer = this.#state === "closing";
    this.#state = "answered";
    this.#scanner.fault = STOPPED;
    this.#forget();
    if (!isAnswer) this.#socket.write(encodeClose(last.status.code, last.status.reason, undefined));
    this.#socket.end();
    const { owner } = this.#options;
    if (!isAnswer) owner.onLast(last);
    else if (last.cause === "peer") owner.onAnswer(last.status);
  }

  #vanish(how: "FIN" | "reset"): void {
    if (this.#state === "over") return;
    const isNews = this.#state === "holding";
    this.#state = "answered";
    this.#forget();
    this.#socket.end();
    if (isNews) this.#options.owner.onVanished(how);
  }

  #forget(): void {
    this.#kept.take();
    this.#keptBytes = 0;
    this.#options.place.keep(0);
  }
}

const nothing = Buffer.alloc(0);

/** What follows its last is not looked at. */
const STOPPED = { code: 1002, reason: "" } as const;
