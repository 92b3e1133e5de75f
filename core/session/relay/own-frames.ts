import type { Payload } from "../../../sandbox/contract/hooks.ts";
import type { Seat } from "../../../sandbox/contract.ts";
import type { CloseStatus } from "../../wire/close-payload.ts";
import type { MessageFlow } from "../flow/message-flow.ts";
import type { Opening } from "./pump-mode.ts";
import type { PumpOutlet } from "./pump-outlet.ts";
import type { PumpEntry } from "./pump-queue.ts";

/** The stream that the frames go into. */
export interface OwnFramesStream {
  /** What may go in now. */
  readonly opening: Opening;
  /** Nothing may go in any more. */
  readonly isOver: boolean;
  /** The gateway's Close has gone in. */
  onOwnClose(): void;
}

/** Puts frames of the gateway's own into a stream of its sender's: policies' messages, pings, and a Close. */
export class OwnFrames {
  readonly #stream: OwnFramesStream;
  readonly #outlet: PumpOutlet;
  /** In order, until the stream has an opening. */
  #waiting: PumpEntry[] = [];

  constructor(stream: OwnFramesStream, outlet: PumpOutlet) {
    this.#stream = stream;
    this.#outlet = outlet;
  }

  get isWaiting(): boolean {
    return this.#waiting.length > 0;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** @param sender undefined, or whose it is: it goes before the first message that this policy has not answered yet */
  addMessage(payload: Payload, sender?: Seat): void {
    this.#add({ kind: "raw", bytes: this.#outlet.encode(payload) }, sender);
  }

  /** A message that is to pass policies first. */
  addFlow(flow: MessageFlow, sender?: Seat): void {
    this.#add({ kind: "flow", flow }, sender);
  }

  addClose(status: CloseStatus): void {
    this.#add({ kind: "close", status, cause: "gateway" });
  }

  /** A ping goes past all that waits. @returns false when a frame is on its way, or nothing may follow */
  ping(payload: Buffer): boolean {
    if (this.#stream.isOver) return false;
    // What waits for verdicts begins with a message: all that has left before it is whole.
    if (this.#outlet.isEmpty && this.#stream.opening === "none") return false;
    this.#outlet.ping(payload);
    return true;
  }

  /** Let go in what may. */
  release(): void {
    for (let entry = this.#take(); entry !== undefined; entry = this.#take()) {
      if (entry.kind === "close") {
        this.forget();
        this.#stream.onOwnClose();
      }
      this.#outlet.append(entry);
      // Not before it has its place.
      if (entry.kind === "flow") entry.flow.advance();
    }
  }

  /** Nothing of what waits goes in any more. */
  forget(): void {
    this.#waiting = [];
  }

  #add(entry: PumpEntry, sender?: Seat): void {
    if (this.#stream.isOver) return;
    if (sender !== undefined && this.#outlet.insertBefore(sender, entry)) {
      if (entry.kind === "flow") entry.flow.advance();
      return;
    }
    this.#waiting.push(entry);
    this.release();
  }

  /** Between fragments a Close goes past the messages that wait for the last of them. */
  #take(): PumpEntry | undefined {
    if (!this.isWaiting || this.#stream.isOver) return undefined;
    switch (this.#stream.opening) {
      case "any":
        return this.#waiting.shift();
      case "control": {
        const at = this.#waiting.findIndex(({ kind }) => kind === "close");
        return at < 0 ? undefined : this.#waiting.splice(at, 1)[0];
      }
      case "none":
        return undefined;
    }
  }
}
