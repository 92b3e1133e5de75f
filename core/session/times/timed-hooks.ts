import type { PolicyFault } from "../../../sandbox/contract/faults.ts";
import type { Payload, Side } from "../../../sandbox/contract/hooks.ts";
import type { Aside, Initiative, Outcome, Renewal } from "../../../sandbox/contract/verdicts.ts";
import type { Seat } from "../../../sandbox/contract.ts";
import type { Term } from "../../request/terms.ts";
import { policyOfUse } from "../../routes/use-key.ts";
import type { EndGrounds } from "../../session-end.ts";
import type { CloseStatus } from "../../wire/close-payload.ts";
import { EXPIRED, expiryGrounds, policyGrounds } from "../end-ledger.ts";
import type { Deadline, Deadlines } from "../limits/deadlines.ts";
import { faultNoteOf, type HookCalling, noteOf } from "../tap/hook-note.ts";
import type { TrafficTap } from "../tap/traffic-tap.ts";
import type { Moment } from "./due.ts";
import {
  type CalledRenewal,
  Renewals,
  type RenewalsOwner,
  type RenewOutcome,
  type RenewReason,
  worstOf,
} from "./renewals.ts";
import { type Agenda, type Intervals, Timetable } from "./timetable.ts";

/** The connection's places in policies, by use. */
export interface TimedSeats {
  intervals(): Intervals;
  /** Of the chain, in its order. */
  uses(): readonly string[];
  /** Of the chain, in its order: uses whose `renew` hook runs. */
  renewers(): readonly string[];
  /** Whether the chain has the use, and that hook of it runs there. */
  runs(use: string, hook: "tick" | "renew"): boolean;
  /** Undefined: it does not run. */
  timedSeat(use: string, hook: "tick" | "renew"): Seat | undefined;
  useOf(seat: Seat): string;
  /** Of a policy, now; "" when none is loaded. */
  versionOf(policy: string): string;
  /** The policies that a message passes which this one sends to a side. */
  pathTo(side: Side, use: string): readonly Seat[];
  /** The context that hooks read is another from now on. @returns all attributes; undefined: nothing is new */
  renew(
    attributes: Renewal["attributes"],
    expires: number | undefined,
  ): Readonly<Record<string, unknown>> | undefined;
}

export interface TimedSession {
  /** More waits for a peer, or for policies, than they take: nothing is sent unprompted meanwhile. */
  readonly isHeldUp: boolean;
  readonly onError: "close" | "drop" | "pass";
  /** Who wants to know what the hooks say; undefined: nobody. */
  readonly tap: Pick<TrafficTap, "hook"> | undefined;
  /** @param sender undefined: behind all that has come; else before what this policy has not answered yet */
  sendTo(side: Side, payloads: readonly Payload[], path: readonly Seat[], sender: Seat | undefined): void;
  close(status: CloseStatus, grounds: EndGrounds, initiator?: "gateway" | "policy"): void;
  onRenewed(renewed: RenewedSession): void;
}

export interface RenewedSession {
  readonly policy: string;
  readonly reason: RenewReason | "message";
  readonly attributes: Readonly<Record<string, unknown>>;
  /** Milliseconds since 1970; undefined: it does not expire. */
  readonly expires: number | undefined;
}

/**
 * What of a session goes by time and is a policy's: its expiry, `tick` and `renew`. There is one where a policy has said so,
 * or has such a hook; one deadline, whatever the number of policies.
 */
export class TimedHooks implements RenewalsOwner {
  readonly #seats: TimedSeats;
  readonly #session: TimedSession;
  readonly #deadlines: Deadlines;
  readonly #timetable: Timetable;
  readonly #renewals = new Renewals(this);
  readonly #look = (): void => this.#carryOutAgenda();
  #deadline: Deadline | undefined;
  #isOver = false;

  constructor(seats: TimedSeats, session: TimedSession, deadlines: Deadlines, terms: readonly Term[] = []) {
    this.#seats = seats;
    this.#session = session;
    this.#deadlines = deadlines;
    this.#timetable = new Timetable(terms, seats.intervals(), this.#now(), seats.uses());
    this.#look();
  }

  /** The chain, or a policy of it, may be another than before. */
  review(): void {
    if (this.#isOver) return;
    this.#timetable.follow(this.#seats.uses());
    this.#timetable.setIntervals(this.#seats.intervals(), this.#now());
    this.#look();
  }

  /**
   * The verdict of a `client` or `server` hook. Whether it may call another hook is not for the sandbox to say, where a use
   * is confined to some: what it may not call is passed over. The `close` of its renewal is carried out with the message.
   */
  onAside(seat: Seat, { tick, renewal }: Aside): void {
    if (this.#isOver) return;
    const use = this.#timetable.useNow(this.#seats.useOf(seat));
    if (tick !== undefined && this.#seats.runs(use, "tick"))
      this.#timetable.tick(use, { type: "said", tick }, this.#now());
    if (renewal !== undefined && this.#seats.runs(use, "renew"))
      this.#renew(use, seat, renewal, calledBy("message"));
    this.#look();
  }

  /** Ask all policies of the chain that can renew the connection. */
  async renew(): Promise<RenewOutcome> {
    return worstOf(await Promise.all(this.#seats.renewers().map((use) => this.#ask(use, "request"))));
  }

  /** The session ends. */
  stop(): void {
    this.#isOver = true;
    this.#renewals.stop();
    this.#cancel();
  }

  seatToRenew(use: string): Seat | undefined {
    return this.#seats.timedSeat(this.#timetable.useNow(use), "renew");
  }

  onRenewal({ use, calling }: CalledRenewal, seat: Seat, renewal: Renewal): RenewOutcome {
    this.#renew(use, seat, renewal, calling);
    this.#closeBy(seat, renewal);
    this.#look();
    if (renewal.close !== undefined) return "closed";
    return isRenewed(renewal) ? "renewed" : "unchanged";
  }

  /** What expires does so in any case; one that does not would be renewed by a hook that fails. */
  onRenewFault({ use, calling }: CalledRenewal, seat: Seat, fault: PolicyFault): RenewOutcome {
    this.#session.tap?.hook(faultNoteOf(calling, fault));
    const isBounded = calling.by === "time" && this.#timetable.expiresBy(use);
    if (!isBounded) this.#fail(seat);
    return this.#isOver ? "closed" : "failed";
  }

  #ask(use: string, reason: RenewReason): Promise<RenewOutcome> {
    return new Promise((done) => this.#renewals.ask({ use, reason, done }));
  }

  /** Do what is due, and set the deadline for what is due next. */
  #carryOutAgenda(): void {
    if (this.#isOver) return;
    this.#cancel();
    const now = this.#now();
    const { expired, ticks, renewals, next } = this.#timetable.take(now, this.#session.isHeldUp);
    if (expired !== undefined) return this.#expire(expired);
    if (next !== Number.POSITIVE_INFINITY) this.#deadline = this.#deadlines.add(next, this.#look);
    for (const { use, late } of ticks) this.#tick(use, late, now);
    for (const use of renewals) void this.#ask(use, "time");
  }

  #cancel(): void {
    if (this.#deadline !== undefined) this.#deadlines.cancel(this.#deadline);
    this.#deadline = undefined;
  }

  #expire({ at, use }: NonNullable<Agenda["expired"]>): void {
    this.stop();
    const policy = policyOfUse(use);
    this.#session.close(EXPIRED, expiryGrounds(at, { policy, version: this.#seats.versionOf(policy) }));
  }

  #tick(use: string, late: number, now: Moment): void {
    const seat = this.#seats.timedSeat(use, "tick");
    if (seat === undefined) return this.#timetable.tick(use, { type: "settled", tick: false }, now);
    const text = JSON.stringify({ time: now.day, late });
    const time = now.day;
    const calling = { hook: "tick", by: "time", time, lateMs: late, calledAt: performance.now() } as const;
    seat.submit({
      hook: "tick",
      payload: { binary: false, bytes: Buffer.from(text) },
      sequence: 0,
      time,
      settle: (outcome) => this.#onTicked({ use, calling }, seat, outcome),
    });
  }

  #onTicked({ use, calling }: CalledTick, seat: Seat, outcome: Outcome): void {
    if (this.#isOver) return;
    const said = outcome.kind === "tick" ? outcome : undefined;
    this.#timetable.tick(use, { type: "settled", tick: said?.tick }, this.#now());
    if (outcome.kind === "fault") {
      this.#session.tap?.hook(faultNoteOf(calling, outcome.fault));
      this.#fail(seat);
    }
    if (said !== undefined) {
      this.#note(calling, seat, said);
      this.#send(use, said, seat);
      if (said.renewal !== undefined && this.#seats.runs(this.#timetable.useNow(use), "renew")) {
        this.#renew(use, seat, said.renewal, calledBy("tick"));
        this.#closeBy(seat, said.renewal);
      }
      this.#closeBy(seat, said);
    }
    this.#look();
  }

  #renew(use: string, seat: Seat, renewal: Renewal, calling: HookCalling): void {
    this.#timetable.renew(use, renewal, this.#now());
    const { expires } = this.#timetable;
    // Who sends the same token again and again is not told of each time.
    const attributes = isRenewed(renewal) ? this.#seats.renew(renewal.attributes, expires) : undefined;
    if (attributes !== undefined) {
      const reason = calling.by === "tick" ? "message" : calling.by;
      this.#session.onRenewed({ policy: seat.policy, reason, attributes, expires });
    }
    this.#note(calling, seat, renewal, attributes !== undefined);
    this.#send(use, renewal);
  }

  #note(calling: HookCalling, seat: Seat, said: Renewal, isNew = false): void {
    const { tap } = this.#session;
    const note = tap && noteOf(calling, seat, said, isNew);
    if (note !== undefined) tap?.hook(note);
  }

  /** @param seat of a hook that keeps its place among messages: what it was called before goes behind what it sends */
  #send(called: string, { toClient, toServer }: Initiative, seat?: Seat): void {
    const use = this.#timetable.useNow(called);
    const send = (side: Side, payloads: readonly Payload[]) => {
      if (payloads.length > 0) this.#session.sendTo(side, payloads, this.#seats.pathTo(side, use), seat);
    };
    send("client", toClient);
    send("server", toServer);
  }

  #closeBy(seat: Seat, { close }: Initiative): void {
    if (close === undefined || this.#isOver) return;
    seat.end();
    this.#session.close(close, policyGrounds("policy", seat, close.rule), "policy");
  }

  #fail(seat: Seat): void {
    if (this.#session.onError !== "close") return;
    seat.end();
    const status = { code: 1011, reason: "internal error" };
    this.#session.close(status, policyGrounds("policy-fault", seat));
  }

  #now(): Moment {
    return { machine: this.#deadlines.read(), day: Date.now() };
  }
}

interface CalledTick {
  readonly use: string;
  readonly calling: HookCalling;
}

/** A `renew` hook that ran within the call of another. */
function calledBy(by: "message" | "tick"): HookCalling {
  return { hook: "renew", by, time: Date.now(), lateMs: 0, calledAt: undefined };
}

function isRenewed({ attributes, expires }: Renewal): boolean {
  return attributes !== undefined || expires !== undefined;
}
