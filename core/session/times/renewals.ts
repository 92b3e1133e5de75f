import type { PolicyFault } from "../../../sandbox/contract/faults.ts";
import type { Outcome, Renewal } from "../../../sandbox/contract/verdicts.ts";
import type { HookCall, Seat } from "../../../sandbox/contract.ts";
import type { HookCalling } from "../tap/hook-note.ts";

/** Why a `renew` hook is called by the worker itself. */
export type RenewReason = "request" | "time";

/** What became of one: of several the worst, in the order of `WORST_FIRST`. */
export type RenewOutcome = "renewed" | "unchanged" | "closed" | "failed" | "ended";

/** What is said to who has asked for it; `held`: it will be called when the connection has its server. */
export type AskedOutcome = RenewOutcome | "no-hook" | "held";

export interface AskedRenewal {
  readonly use: string;
  readonly reason: RenewReason;
  done(outcome: RenewOutcome): void;
}

/** One whose hook has been called. */
export interface CalledRenewal extends Pick<AskedRenewal, "use"> {
  readonly calling: HookCalling & { readonly by: RenewReason };
}

export interface RenewalsOwner {
  /** Undefined: it has no part in the connection any more. */
  seatToRenew(use: string): Seat | undefined;
  onRenewal(called: CalledRenewal, seat: Seat, renewal: Renewal): RenewOutcome;
  /** @returns what became of it by that */
  onRenewFault(called: CalledRenewal, seat: Seat, fault: PolicyFault): RenewOutcome;
}

/** Calls `renew` hooks of one connection one after the other, for each sees the attributes of those before it. */
export class Renewals {
  readonly #owner: RenewalsOwner;
  readonly #waiting: AskedRenewal[] = [];
  #underWay: AskedRenewal | undefined;
  #isOver = false;

  constructor(owner: RenewalsOwner) {
    this.#owner = owner;
  }

  ask(asked: AskedRenewal): void {
    if (this.#isOver) return asked.done("ended");
    this.#waiting.push(asked);
    if (this.#underWay === undefined) this.#next();
  }

  /** The connection ends. */
  stop(): void {
    this.#isOver = true;
    for (const asked of this.#waiting.splice(0)) asked.done("ended");
  }

  #next(): void {
    const asked = this.#waiting.shift();
    this.#underWay = asked;
    if (asked === undefined) return;
    const seat = this.#owner.seatToRenew(asked.use);
    if (seat === undefined) return this.#finish(asked, "unchanged");
    const time = Date.now();
    const { use, reason } = asked;
    const text = JSON.stringify({ reason, data: null, time });
    const calling = { hook: "renew", by: reason, time, lateMs: 0, calledAt: performance.now() } as const;
    seat.submit({
      hook: "renew",
      payload: { binary: false, bytes: Buffer.from(text) },
      sequence: 0,
      time,
      settle: (outcome) => this.#finish(asked, this.#settle({ use, calling }, seat, outcome)),
    } satisfies HookCall);
  }

  #settle(called: CalledRenewal, seat: Seat, outcome: Outcome): RenewOutcome {
    if (this.#isOver) return "ended";
    if (outcome.kind === "renew") return this.#owner.onRenewal(called, seat, outcome);
    return outcome.kind === "fault" ? this.#owner.onRenewFault(called, seat, outcome.fault) : "unchanged";
  }

  #finish(asked: AskedRenewal, outcome: RenewOutcome): void {
    asked.done(outcome);
    this.#next();
  }
}

const WORST_FIRST = ["closed", "failed", "ended", "renewed", "unchanged"] as const;

/** @returns "unchanged" of none */
export function worstOf(outcomes: readonly RenewOutcome[]): RenewOutcome {
  return WORST_FIRST.find((outcome) => outcomes.includes(outcome)) ?? "unchanged";
}
