import type { Socket } from "node:net";
import { FrameWatch } from "../frame-watch.ts";
import type { Route } from "./admission.ts";
import { endOfAnswer } from "./server-answer.ts";
import type { Timed } from "./time-limits.ts";

/** What came of a session, for whoever counts them. */
export interface Told {
  readonly id: number;
  readonly route: string;
  readonly address: string;
  readonly durationMs: number;
  readonly initiator: "client" | "server";
  readonly code: number;
  readonly bytes: number;
}

export interface SessionParts {
  readonly id: number;
  readonly route: Route;
  readonly address: string;
  readonly client: Socket;
  readonly target: Socket;
  /** Of the client's handshake. */
  readonly key: string;
  /** What a policy knows of the client. */
  readonly attributes: object | undefined;
  readonly clock: { readonly now: number };
  onEnd(session: Session): void;
}

const VANISHED = 1006;
const EARLY_BYTES = 64 * 1024;

/** A client and its server, from the handshake on: what either sends goes to the other as it came, its end too. */
export class Session implements Timed {
  readonly parts: SessionParts;
  readonly startedAt: number;
  seenAt: number;
  isOpen = false;
  #early: Buffer;
  #answer: Buffer | undefined;
  readonly #ofClient = new FrameWatch(true);
  readonly #ofServer = new FrameWatch(false);
  #initiator: Told["initiator"] | undefined;
  #bytes = 0;
  #closed = 0;

  constructor(parts: SessionParts, head: Buffer) {
    this.parts = parts;
    this.startedAt = this.seenAt = parts.clock.now;
    this.#early = head;
    const { client, target } = parts;
    client.on("data", (bytes) => this.#onClient(bytes));
    target.on("data", (bytes) => this.#onServer(bytes));
    this.#join(client, target);
    this.#join(target, client);
  }

  expire(): void {
    this.parts.client.destroy();
    this.parts.target.destroy();
  }

  told(): Told {
    const { id, route, address, clock } = this.parts;
    const initiator = this.#initiator ?? "client";
    const code = (initiator === "client" ? this.#ofClient : this.#ofServer).closeCode ?? VANISHED;
    const durationMs = Math.round(clock.now - this.startedAt);
    return { id, route: route.path, address, durationMs, initiator, code, bytes: this.#bytes };
  }

  #onClient(bytes: Buffer): void {
    if (!this.isOpen) {
      this.#early = Buffer.concat([this.#early, bytes]);
      if (this.#early.length > EARLY_BYTES) this.expire();
    } else this.#pass(bytes, this.#ofClient, "client");
  }

  #onServer(bytes: Buffer): void {
    if (this.isOpen) return this.#pass(bytes, this.#ofServer, "server");
    const answer = this.#answer === undefined ? bytes : Buffer.concat([this.#answer, bytes]);
    let end: number;
    try {
      end = endOfAnswer(answer, this.parts.key);
    } catch {
      return this.expire();
    }
    this.#answer = end === 0 ? answer : undefined;
    if (end === 0) return;
    this.isOpen = true;
    this.parts.client.write(answer.subarray(0, end));
    if (end < answer.length) this.#pass(answer.subarray(end), this.#ofServer, "server");
    if (this.#early.length > 0) this.#pass(this.#early, this.#ofClient, "client");
  }

  #pass(bytes: Buffer, watch: FrameWatch, side: Told["initiator"]): void {
    const { client, target, clock } = this.parts;
    const [from, to] = side === "client" ? [client, target] : [target, client];
    try {
      watch.see(bytes);
    } catch {
      return this.expire();
    }
    this.seenAt = clock.now;
    this.#bytes += bytes.length;
    if (watch.closeCode !== undefined) this.#initiator ??= side;
    if (!to.write(bytes)) from.pause();
  }

  #join(from: Socket, to: Socket): void {
    from.on("end", () => to.end());
    from.on("error", () => to.destroy());
    from.on("drain", () => to.resume());
    from.on("close", () => {
      if (++this.#closed === 2) this.parts.onEnd(this);
      else if (!from.readableEnded) to.destroy();
    });
  }
}
