import type { Payload, Side } from "../../sandbox/contract/hooks.ts";
import type { Aside } from "../../sandbox/contract/verdicts.ts";
import { HIGH_TIDE_BYTES, type Seat } from "../../sandbox/contract.ts";
import type { EndGrounds, SessionEnd } from "../session-end.ts";
import type { CloseStatus } from "../wire/close-payload.ts";
import { faultGrounds } from "./broken-rule.ts";
import { EndLedger, policyGrounds } from "./end-ledger.ts";
import type { DecidedClose } from "./flow/message-intake.ts";
import type { Leg, LegOwner } from "./leg.ts";
import {
  advance,
  type LifecycleCommand,
  type LifecycleEvent,
  OPEN_LIFECYCLE,
  otherSide,
} from "./lifecycle.ts";
import { SessionWatch, type WatchedSession } from "./limits/session-watch.ts";
import type { Newcomer } from "./newcomers.ts";
import type { OperatorMessage, SaidOutcome } from "./operator/operator-message.ts";
import { say } from "./operator/say.ts";
import type { PumpOwner } from "./relay/pump-options.ts";
import type { CloseCause } from "./relay/pump-queue.ts";
import { openLegs } from "./session-legs.ts";
import type { SessionSetup } from "./session-setup.ts";
import type { AskedOutcome } from "./times/renewals.ts";
import { type RenewedSession, TimedHooks, type TimedSession } from "./times/timed-hooks.ts";

/** Who hears of a session's end. */
export interface SessionOwner {
  /** A policy has renewed what its hooks know of it. */
  onRenewed(session: Session, renewed: RenewedSession): void;
  /** Both legs are over; the policies' `close` hooks are still to run. */
  onEnd(session: Session, end: SessionEnd): void;
  /** The session has left all that it used. @param closeHooks settles when the policies' `close` hooks have */
  onLeave(session: Session, closeHooks: Promise<void>): void;
}

/** One client connection and its server connection, from the 101 to the end of both. The only owner of that end. */
export class Session implements LegOwner, PumpOwner, WatchedSession, TimedSession, Newcomer {
  readonly #setup: SessionSetup;
  readonly #owner: SessionOwner;
  readonly #client: Leg;
  readonly #server: Leg;
  #watch: SessionWatch | undefined;
  /** Undefined while no policy has said anything of the session's time. */
  #timed: TimedHooks | undefined;
  #tap: SessionSetup["tap"];
  #lifecycle = OPEN_LIFECYCLE;
  #closeTimer: NodeJS.Timeout | undefined;
  /** Undefined while nothing has been said of the end. */
  #ledger: EndLedger | undefined;

  constructor(setup: SessionSetup, owner: SessionOwner) {
    this.#setup = setup;
    this.#owner = owner;
    this.#tap = setup.tap;
    const { client, server } = openLegs(setup, this);
    this.#client = client;
    this.#server = server;
  }

  get id(): string {
    return this.#setup.id;
  }

  get route(): string {
    return this.#setup.runtime.name;
  }

  get runtime(): SessionSetup["runtime"] {
    return this.#setup.runtime;
  }

  /** Whatever its route says meanwhile: it keeps its policies' versions, and is to end when the route is another. */
  get recycleSpreadMs(): number | undefined {
    return this.#setup.recycleSpreadMs;
  }

  /** What each side has sent so far. */
  get traffic(): Pick<SessionEnd, "messages" | "bytes"> {
    const { pump: client } = this.#client;
    const { pump: server } = this.#server;
    return {
      messages: { client: client.messages, server: server.messages },
      bytes: { client: client.bytes, server: server.bytes },
    };
  }

  get ageMs(): number {
    return performance.now() - this.#setup.startedAt;
  }

  /** Those that its messages go to now. */
  get policies(): ReturnType<SessionSetup["seats"]["policies"]> {
    return this.#setup.seats.policies();
  }

  /** How many of its messages an operator holds. */
  get held(): number {
    return this.#setup.seats.held;
  }

  /** Its messages can be held. */
  get isHoldable(): boolean {
    return this.#setup.seats.isHoldable;
  }

  /** By who sent it: what waits for the other side. */
  get bufferedBytes(): { readonly client: number; readonly server: number } {
    return { client: this.#client.pump.bufferedBytes, server: this.#server.pump.bufferedBytes };
  }

  /**
   * Take over both sockets.
   *
   * @param heads what came of each peer right behind the handshake
   */
  start(heads: Readonly<Record<Side, Buffer>>): void {
    const { rules, shared, seats, terms } = this.#setup;
    // Before all that may end it.
    shared.newcomers.add(this);
    // First: of one that has expired while it had no server nothing is delivered.
    if (terms !== undefined || seats.hasTicks) this.#goByTime();
    this.#client.start(heads.client);
    this.#server.start(heads.server);
    const watch = new SessionWatch(rules.session, this, shared.deadlines);
    if (watch.isNeeded) {
      this.#watch = watch;
      watch.start();
    }
  }

  onLasting(): void {
    this.#server.keepAlive();
    this.#setup.seats.onLasting();
  }

  /** Its policies are asked whether the session goes on as it is. */
  async renew(): Promise<AskedOutcome> {
    if (this.#lifecycle.isClosing) return "ended";
    if (this.#setup.seats.renewers().length === 0) return "no-hook";
    return this.#goByTime()?.renew() ?? "ended";
  }

  /** The chain of its route, or a policy of it, may be another. */
  review(): void {
    if (this.#timed !== undefined) this.#timed.review();
    else if (this.#setup.seats.hasTicks) this.#goByTime();
  }

  get isHeldUp(): boolean {
    const { sandbox } = this.#setup.shared;
    return this.#client.isCongested || this.#server.isCongested || sandbox.pendingBytes > HIGH_TIDE_BYTES;
  }

  get onError(): SessionSetup["rules"]["onError"] {
    return this.#setup.rules.onError;
  }

  get tap(): SessionSetup["tap"] {
    return this.#tap;
  }

  /** From the next frame of each side on, somebody else wants to know what passes, or nobody. */
  tellTo(tap: SessionSetup["tap"]): void {
    this.#tap = tap;
    this.#client.pump.tellTo(tap?.client);
    this.#server.pump.tellTo(tap?.server);
  }

  sendTo(side: Side, payloads: readonly Payload[], path: readonly Seat[], sender: Seat | undefined): void {
    this.#legOf(otherSide(side)).pump.injectThrough(path, payloads, sender);
  }

  onRenewed(renewed: RenewedSession): void {
    this.#owner.onRenewed(this, renewed);
  }

  onAside(seat: Seat, aside: Aside): void {
    this.#goByTime()?.onAside(seat, aside);
  }

  activeAt(countControl: boolean): number {
    const { seats, shared } = this.#setup;
    const { pump: client } = this.#client;
    const { pump: server } = this.#server;
    // What an operator holds is no silence of the peers.
    const heldUntil = Math.min(seats.heldUntil, shared.deadlines.now);
    const messageAt = Math.max(client.messageAt, server.messageAt, heldUntil);
    return countControl ? Math.max(messageAt, client.controlAt, server.controlAt) : messageAt;
  }

  heardAt(side: Side): number {
    return this.#legOf(side).heardAt;
  }

  fullSince(side: Side): number | undefined {
    return this.#legOf(side).fullSince;
  }

  ping(side: Side): boolean {
    return this.#legOf(otherSide(side)).pump.ping(this.#setup.shared.pingPayload);
  }

  cutOff(side: Side): void {
    const status = { code: 1006, reason: "no answer to a ping" };
    this.#recordEnd("gateway", status, { cause: "keepalive", detail: side });
    this.#legOf(side).cutOff();
  }

  /** End both legs with a Close frame, after what is on its way to each. */
  close(status: CloseStatus, grounds: EndGrounds, initiator: "gateway" | "policy" = "gateway"): void {
    this.#recordEnd(initiator, status, grounds);
    this.#handle({ type: "close-decided" });
    this.#client.pump.close(status);
    this.#server.pump.close(status);
  }

  /** Send what an operator says in the name of one side to the other. */
  say(message: OperatorMessage): SaidOutcome {
    if (this.#lifecycle.isClosing) return "ended";
    return say(this.#setup, { client: this.#client, server: this.#server }, message);
  }

  /** Send the client a text message of the gateway's own, behind what is on its way to it. */
  tell(text: string): void {
    this.#client.reply([{ binary: false, bytes: Buffer.from(text) }]);
  }

  /** Cut both legs off now. */
  destroy(): void {
    this.#client.destroy();
    this.#server.destroy();
  }

  /** Look again whether each leg may be read: the sandbox, or a receiver, has caught up or fallen behind. */
  relieve(): void {
    this.#client.regulate();
    this.#server.regulate();
  }

  onPressure(): void {
    this.relieve();
  }

  onReply(origin: Side, payloads: readonly Payload[]): void {
    this.#legOf(origin).reply(payloads);
  }

  onCloseReceived(origin: Side, status: CloseStatus | undefined): void {
    if (status !== undefined) this.#openLedger().sent(origin, status);
    this.#handle({ type: "close-received", from: origin });
  }

  onCloseSent(origin: Side, status: CloseStatus, cause: CloseCause): void {
    // Of the gateway's own Close frames the grounds were recorded when it decided.
    if (cause === "peer") this.#recordEnd(origin, status, { cause: "peer", detail: "" });
    if (cause === "wire-fault")
      this.#recordEnd(origin, status, { cause: "protocol", ...faultGrounds(status.reason) });
    this.#openLedger().got(otherSide(origin), status);
    this.#handle({ type: "close-sent", to: otherSide(origin) });
  }

  onCloseDecided(origin: Side, close: DecidedClose): void {
    switch (close.cause) {
      case "policy":
        return this.close(close, policyGrounds("policy", close, close.rule), "policy");
      case "fault":
        return this.close(close, policyGrounds("policy-fault", close));
      case "policies-changed":
        return this.close(close, { cause: "policies-changed", detail: "" });
      case "rate":
        return this.close(close, { cause: "rate", detail: origin });
    }
  }

  onFinSent(origin: Side): void {
    const { isReset } = this.#legOf(origin);
    const detail = isReset ? "reset" : "FIN";
    this.#recordEnd(origin, { code: 1006, reason: "" }, { cause: "vanished", detail });
    this.#handle({ type: "ended", from: origin, isReset });
  }

  /** A policy's close waits for nobody who looks at what is before it. */
  onCloseAhead(): void {
    this.#setup.seats.letGo();
  }

  /** The other side gets all that this one has said, and then its end: nothing is held up for nobody. */
  onLastRead(): void {
    this.#setup.seats.letGo();
  }

  onGone(side: Side): void {
    this.#handle({ type: "gone", leg: side });
  }

  #legOf(side: Side): Leg {
    return side === "client" ? this.#client : this.#server;
  }

  #recordEnd(initiator: SessionEnd["initiator"], status: CloseStatus, grounds: EndGrounds): void {
    this.#openLedger().record(initiator, status, grounds);
  }

  #openLedger(): EndLedger {
    this.#ledger ??= new EndLedger();
    return this.#ledger;
  }

  #handle(event: LifecycleEvent): void {
    const { state, commands } = advance(this.#lifecycle, event);
    this.#lifecycle = state;
    for (const command of commands) this.#carryOut(command);
  }

  #carryOut(command: LifecycleCommand): void {
    switch (command.type) {
      case "end":
        return this.#legOf(command.leg).end();
      case "reset":
        return this.#legOf(command.leg).reset();
      case "destroy":
        return this.#legOf(command.leg).destroy();
      case "start-timer":
        this.#timed?.stop();
        this.#setup.seats.letGo();
        return this.#startCloseTimer();
      case "finish":
        return this.#finish();
    }
  }

  /** @returns undefined once the session ends */
  #goByTime(): TimedHooks | undefined {
    if (this.#lifecycle.isClosing) return undefined;
    const { seats, shared, terms } = this.#setup;
    this.#timed ??= new TimedHooks(seats, this, shared.deadlines, terms);
    return this.#timed;
  }

  #startCloseTimer(): void {
    const { closeTimeoutMs } = this.#setup.rules;
    if (closeTimeoutMs === 0) return;
    this.#closeTimer = setTimeout(() => this.#handle({ type: "timeout" }), closeTimeoutMs);
    this.#closeTimer.unref();
  }

  #finish(): void {
    clearTimeout(this.#closeTimer);
    this.#watch?.stop();
    this.#setup.shared.newcomers.leave(this);
    this.#client.leave();
    this.#server.leave();
    const { messages, bytes } = this.traffic;
    const end: SessionEnd = {
      ...this.#openLedger().read(),
      durationMs: Math.round(performance.now() - this.#setup.startedAt),
      messages,
      bytes,
    };
    this.#owner.onEnd(this, end);
    const closeHooks = this.#setup.seats.end(end);
    this.#setup.held.giveBack();
    this.#owner.onLeave(this, closeHooks);
  }
}
