import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import type { Payload, Seat } from "../../sandbox/contract.ts";
import type { DeflateLimits, SessionConfig } from "../config/index.ts";
import type { EmitEvent, EndGrounds, SessionEnd } from "../events.ts";
import type { CloseStatus } from "../wire/close-payload.ts";
import type { LegDeflate } from "../wire/deflate.ts";
import type { Allocate } from "../wire/frame-slab.ts";
import type { Deadline, Deadlines } from "./deadlines.ts";
import { advance, type Leg, type LifecycleCommand, type LifecycleEvent, openLifecycle } from "./lifecycle.ts";
import type { FlowClose } from "./message-flow.ts";
import { Outbox, type Turn } from "./outbox.ts";
import { Pump, type PumpDeflate, type PumpOwner } from "./pump.ts";
import type { CloseCause } from "./pump-queue.ts";
import type { RateGate } from "./rate-gate.ts";
import { SessionWatch, type WatchedSession, type WatchRules } from "./session-watch.ts";
import type { TrafficTap } from "./traffic-tap.ts";

export interface SessionOptions {
  readonly id: string;
  readonly route: string;
  readonly client: { readonly socket: Socket; readonly head: Buffer; readonly address: string };
  readonly server: { readonly socket: Socket; readonly head: Buffer; readonly url: string };
  /** By leg; absent where nothing is compressed. */
  readonly deflate: { readonly client?: LegDeflate; readonly server?: LegDeflate };
  readonly deflateLimits: DeflateLimits;
  readonly limits: SessionConfig["limits"];
  /** By who sends. */
  readonly rates: { readonly client: RateGate | undefined; readonly server: RateGate | undefined };
  /** 0: no limit. */
  readonly closeTimeoutMs: number;
  readonly onError: "close" | "drop" | "pass";
  readonly watch: WatchRules;
  readonly deadlines: Deadlines;
  /** Payload of the gateway's own pings. */
  readonly pingPayload: Buffer;
  /** Who wants to know what passes; undefined: nobody. */
  readonly tap: TrafficTap | undefined;
  readonly seats: SessionSeats;
  readonly sandbox: SandboxLoad;
  readonly turn: Turn;
  readonly maskKeys: () => number;
  readonly allocate: Allocate;
  readonly emit: EmitEvent;
  /** @param closeHooks settles when the policies' `close` hooks have */
  onEnd(session: Session, closeHooks: Promise<void>): void;
}

/** The session's places in the policies of its route, as the route stands now. */
export interface SessionSeats {
  chain(origin: Leg): readonly Seat[];
  /** Run the `close` hooks and leave. Settles when they have. */
  end(end: SessionEnd): Promise<void>;
}

/** How much the policies have in hand, over all sessions of this process. */
export interface SandboxLoad {
  readonly pendingBytes: number;
}

/** One client connection and its server connection, from the 101 to the end of both. The only owner of that end. */
export class Session implements PumpOwner, WatchedSession {
  readonly id: string;
  readonly route: string;

  readonly #options: SessionOptions;
  readonly #startedAt = performance.now();
  readonly #sockets: Readonly<Record<Leg, Socket>>;
  readonly #outboxes: Readonly<Record<Leg, Outbox>>;
  /** By origin: `client` carries the client's messages to the server. */
  readonly #pumps: Readonly<Record<Leg, Pump>>;
  readonly #isReset: Record<Leg, boolean> = { client: false, server: false };
  readonly #isPaused: Record<Leg, boolean> = { client: false, server: false };
  /** Until when a leg is not read because it has sent more than it may. */
  readonly #delays: Record<Leg, Deadline | undefined> = { client: undefined, server: undefined };
  /** This leg has been held up, once or again, since it last had sent no more than it may. */
  readonly #isInDebt: Record<Leg, boolean> = { client: false, server: false };
  /** Since when this leg has had more waiting than it takes. */
  readonly #fullSince: Record<Leg, number | undefined> = { client: undefined, server: undefined };
  /** When this leg last took all that it was sent, by the clock of the deadlines. */
  readonly #drainedAt: Record<Leg, number> = { client: 0, server: 0 };
  /** Policies have replied to this leg: it must take the replies before more of its messages are read. */
  readonly #hasReplies: Record<Leg, boolean> = { client: false, server: false };
  readonly #watch: SessionWatch;
  #lifecycle = openLifecycle;
  #closeTimer: NodeJS.Timeout | undefined;
  #end: Pick<SessionEnd, "initiator" | "code" | "reason" | "cause" | "detail"> | undefined;

  constructor(options: SessionOptions) {
    this.id = options.id;
    this.route = options.route;
    this.#options = options;
    this.#sockets = { client: options.client.socket, server: options.server.socket };
    this.#outboxes = {
      client: this.#openOutbox("client"),
      server: this.#openOutbox("server"),
    };
    const { limits, onError, allocate, deadlines: clock } = options;
    const { keepalive } = options.watch;
    const ownPongs = (leg: Leg): Buffer | undefined =>
      keepalive !== false && keepalive.legs.includes(leg) ? options.pingPayload : undefined;
    const shared = { onError, allocate, clock, owner: this };
    this.#pumps = {
      client: new Pump({
        ...shared,
        origin: "client",
        limits: limits.client,
        rate: options.rates.client,
        ownPong: ownPongs("client"),
        sink: options.tap?.client,
        outbox: this.#outboxes.server,
        maskKeys: options.maskKeys,
        deflate: this.#deflateOf("client"),
      }),
      server: new Pump({
        ...shared,
        origin: "server",
        limits: limits.server,
        rate: options.rates.server,
        ownPong: ownPongs("server"),
        sink: options.tap?.server,
        outbox: this.#outboxes.client,
        maskKeys: undefined,
        deflate: this.#deflateOf("server"),
      }),
    };
    this.#watch = new SessionWatch(options.watch, this, options.deadlines);
  }

  /** What each side has sent so far. */
  get traffic(): Pick<SessionEnd, "messages" | "bytes"> {
    const { client, server } = this.#pumps;
    return {
      messages: { client: client.messages, server: server.messages },
      bytes: { client: client.bytes, server: server.bytes },
    };
  }

  /** By who sent it: what waits for the other side. */
  get bufferedBytes(): { readonly client: number; readonly server: number } {
    return { client: this.#pumps.client.bufferedBytes, server: this.#pumps.server.bufferedBytes };
  }

  /** Take over both sockets. What came with the handshakes goes first. */
  start(): void {
    this.#attach("client");
    this.#attach("server");
    if (this.#options.client.head.length > 0) this.#pumps.client.receive(this.#options.client.head);
    if (this.#options.server.head.length > 0) this.#pumps.server.receive(this.#options.server.head);
    this.#watch.start();
  }

  activeAt(countControl: boolean): number {
    const { client, server } = this.#pumps;
    const messageAt = Math.max(client.messageAt, server.messageAt);
    return countControl ? Math.max(messageAt, client.controlAt, server.controlAt) : messageAt;
  }

  heardAt(leg: Leg): number {
    // A leg that is not read cannot be heard; one that has said its last is the closeTimeout's.
    if (this.#isPaused[leg] || this.#pumps[leg].isOver) return this.#options.deadlines.now;
    return Math.max(this.#pumps[leg].receivedAt, this.#drainedAt[leg]);
  }

  fullSince(leg: Leg): number | undefined {
    return this.#fullSince[leg];
  }

  ping(leg: Leg): boolean {
    return this.#pumps[other(leg)].ping(this.#options.pingPayload);
  }

  cutOff(leg: Leg): void {
    this.#recordEnd(
      "gateway",
      { code: 1006, reason: "no answer to a ping" },
      { cause: "keepalive", detail: leg },
    );
    this.#onError(leg);
    cut(this.#sockets[leg]);
  }

  /** End both legs with a Close frame, after what is on its way to each. */
  close(status: CloseStatus, grounds: EndGrounds, initiator: "gateway" | "policy" = "gateway"): void {
    this.#recordEnd(initiator, status, grounds);
    this.#handle({ type: "close-decided" });
    this.#pumps.client.close(status);
    this.#pumps.server.close(status);
  }

  /** Cut both legs off now. */
  destroy(): void {
    this.#sockets.client.destroy();
    this.#sockets.server.destroy();
  }

  /** Look again whether each leg may be read: the sandbox, or a receiver, has caught up or fallen behind. */
  relieve(): void {
    this.#regulate("client");
    this.#regulate("server");
  }

  chain(origin: Leg): readonly Seat[] {
    return this.#options.seats.chain(origin);
  }

  onReply(origin: Leg, payloads: readonly Payload[]): void {
    this.#hasReplies[origin] = true;
    this.#pumps[other(origin)].inject(payloads);
  }

  onCloseReceived(origin: Leg): void {
    this.#handle({ type: "close-received", from: origin });
  }

  onCloseSent(origin: Leg, status: CloseStatus, cause: CloseCause): void {
    // Of the gateway's own Close frames the grounds were recorded when it decided.
    if (cause === "peer") this.#recordEnd(origin, status, { cause: "peer", detail: "" });
    if (cause === "wire-fault") this.#recordEnd(origin, status, { cause: "protocol", detail: status.reason });
    this.#handle({ type: "close-sent", to: other(origin) });
  }

  onFlowClose(close: FlowClose): void {
    const isPolicys = close.cause === "policy";
    const grounds: EndGrounds = { cause: isPolicys ? "policy" : "policy-fault", detail: close.policy };
    this.close(close, grounds, isPolicys ? "policy" : "gateway");
  }

  onUnreadable(): void {
    this.close({ code: 1012, reason: "policies changed" }, { cause: "policies-changed", detail: "" });
  }

  onRateExceeded(origin: Leg): void {
    this.close({ code: 1008, reason: "rate exceeded" }, { cause: "rate", detail: origin });
  }

  onFinSent(origin: Leg): void {
    const detail = this.#isReset[origin] ? "reset" : "FIN";
    this.#recordEnd(origin, { code: 1006, reason: "" }, { cause: "vanished", detail });
    this.#handle({ type: "ended", from: origin, isReset: this.#isReset[origin] });
  }

  onPressure(): void {
    this.relieve();
  }

  #openOutbox(leg: Leg): Outbox {
    const { turn, watch, deadlines } = this.#options;
    const onFull = (): void => {
      this.#fullSince[leg] ??= deadlines.now;
      this.relieve();
    };
    return new Outbox(this.#sockets[leg], turn, onFull, watch.slowConsumer.bufferedBytes);
  }

  #deflateOf(origin: Leg): PumpDeflate {
    const { deflate, deflateLimits } = this.#options;
    return { from: deflate[origin]?.[origin], to: deflate[other(origin)]?.[origin], ...deflateLimits };
  }

  #recordEnd(initiator: SessionEnd["initiator"], status: CloseStatus, grounds: EndGrounds): void {
    this.#end ??= { initiator, code: status.code ?? 1005, reason: status.reason, ...grounds };
  }

  #handle(event: LifecycleEvent): void {
    const { state, commands } = advance(this.#lifecycle, event);
    this.#lifecycle = state;
    for (const command of commands) this.#carryOut(command);
  }

  #carryOut(command: LifecycleCommand): void {
    switch (command.type) {
      case "end":
        return this.#outboxes[command.leg].end();
      case "reset":
        return this.#reset(command.leg);
      case "destroy":
        this.#sockets[command.leg].destroy();
        return;
      case "start-timer":
        return this.#startCloseTimer();
      case "finish":
        return this.#finish();
    }
  }

  #startCloseTimer(): void {
    if (this.#options.closeTimeoutMs === 0) return;
    this.#closeTimer = setTimeout(() => this.#handle({ type: "timeout" }), this.#options.closeTimeoutMs);
    this.#closeTimer.unref();
  }

  /** What is on its way is not lost: with something left to write, the leg gets a FIN after it in place of the RST. */
  #reset(leg: Leg): void {
    const socket = this.#sockets[leg];
    if (socket.destroyed) return;
    if (!this.#outboxes[leg].isEmpty) {
      this.#outboxes[leg].end();
      socket.once("finish", () => socket.destroy());
    } else {
      cut(socket);
    }
  }

  #finish(): void {
    clearTimeout(this.#closeTimer);
    this.#watch.stop();
    this.#leaveRate("client");
    this.#leaveRate("server");
    const end: SessionEnd = {
      ...(this.#end ?? { initiator: "gateway", code: 1006, reason: "", cause: "drain", detail: "cut off" }),
      durationMs: Math.round(performance.now() - this.#startedAt),
      ...this.traffic,
    };
    const { id, route, client: from, server: to } = this.#options;
    this.#options.emit({ type: "session-end", id, route, client: from.address, server: to.url, ...end });
    this.#options.onEnd(this, this.#options.seats.end(end));
  }

  /** Read a leg only while the other takes what it is sent, and the policies keep up. */
  #regulate(origin: Leg): void {
    const shouldPause =
      this.#outboxes[other(origin)].isFull ||
      this.#pumps[origin].isFull ||
      this.#isDelayed(origin) ||
      (this.#hasReplies[origin] && (this.#outboxes[origin].isFull || this.#pumps[other(origin)].isFull)) ||
      (this.#options.sandbox.pendingBytes > maxPendingBytes && !this.#pumps[origin].isIdle);
    if (shouldPause === this.#isPaused[origin]) return;
    this.#isPaused[origin] = shouldPause;
    if (shouldPause) this.#sockets[origin].pause();
    else this.#sockets[origin].resume();
  }

  #isDelayed(origin: Leg): boolean {
    const rate = this.#options.rates[origin];
    if (rate?.action !== "delay") return false;
    const debtMs = rate.debtMs();
    if (debtMs > 0 && !this.#isInDebt[origin]) rate.countDelay();
    this.#isInDebt[origin] = debtMs > 0;
    if (debtMs === 0) return false;
    this.#delays[origin] ??= this.#options.deadlines.after(debtMs, () => {
      this.#delays[origin] = undefined;
      this.#regulate(origin);
    });
    return true;
  }

  #leaveRate(origin: Leg): void {
    const delay = this.#delays[origin];
    if (delay !== undefined) this.#options.deadlines.cancel(delay);
    this.#options.rates[origin]?.leave();
  }

  #attach(leg: Leg): void {
    const socket = this.#sockets[leg];
    socket.setNoDelay(true);
    socket.setTimeout(0);
    // A peer that has vanished without a word would else be waited for as long as nobody has anything to say to it.
    socket.setKeepAlive(true, keepAliveMs);
    socket.on("data", (chunk: Buffer) => this.#onData(leg, chunk));
    socket.on("end", () => this.#pumps[leg].receiveEnd());
    socket.on("error", () => this.#onError(leg));
    socket.on("drain", () => this.#onDrain(leg));
    socket.on("close", () => this.#onClose(leg));
    // The dial paused the server's socket, so that nothing is lost between its listeners and these.
    socket.resume();
  }

  #onData(leg: Leg, chunk: Buffer): void {
    this.#pumps[leg].receive(chunk);
    if (this.#pumps[leg].isFull || !this.#pumps[leg].isIdle) this.#regulate(leg);
  }

  #onDrain(leg: Leg): void {
    this.#hasReplies[leg] = false;
    this.#fullSince[leg] = undefined;
    this.#drainedAt[leg] = this.#options.deadlines.now;
    this.relieve();
  }

  #onError(leg: Leg): void {
    this.#isReset[leg] = true;
    this.#pumps[leg].receiveEnd();
  }

  #onClose(leg: Leg): void {
    this.#handle({ type: "gone", leg });
    // Nobody takes this leg's messages any more: read the other on, to see its end.
    this.#regulate(other(leg));
  }
}

/** Above this no session with messages in the sandbox reads on, however few of them are its own. */
const maxPendingBytes = 32 * 1024 * 1024;

/** A leg silent for so long is asked by TCP whether it is still there. */
const keepAliveMs = 60_000;

function cut(socket: Socket): void {
  // TLS cannot reset. Nor can a socket whose FIN is on its way: Node would keep its handle open for ever.
  if (socket instanceof TLSSocket || socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}

function other(leg: Leg): Leg {
  return leg === "client" ? "server" : "client";
}
