import type { Renewal } from "../../../sandbox/contract.ts";
import { earliestExpiry, type Term } from "../../request/terms.ts";
import { type Due, isDue, lateBy, lookAt, type Moment } from "./due.ts";
import { advanceTick, firstTick, type TickEvent, type TickState } from "./tick-schedule.ts";

/** By use, of those whose `tick` hook runs: the interval of the version that there is now, if it has one. */
export type Intervals = ReadonlyMap<string, number | undefined>;

/** What is to be done now, and when to look again. */
export interface Agenda {
  /** When it was to end; undefined: not yet. Nothing else is to be done then. */
  readonly expired: number | undefined;
  readonly ticks: readonly { readonly use: string; readonly late: number }[];
  readonly renewals: readonly string[];
  /** On the machine's clock; Infinity: nothing is to come. */
  readonly next: number;
}

interface UseTimes {
  tick: TickState | undefined;
  expires: number | undefined;
  renewAt: Due | undefined;
  /** When each was last called because of its time, on the machine's clock. */
  tickedAt: number;
  renewedAt: number;
}

/** Between two calls of a hook at times that verdicts have said: what `every` is at least. */
const MIN_DISTANCE_MS = 50;

/** While the session is held up: when to look again. */
const HELD_UP_MS = 200;

/** When what is to be done for the uses of policies in one connection. No clock, no timer. */
export class Timetable {
  readonly #times = new Map<string, UseTimes>();

  constructor(terms: readonly Term[], intervals: Intervals, now: Moment) {
    for (const { use, expires, renewAt, tick } of terms) {
      const times = this.#timesOf(use);
      times.expires = earliestExpiry([times, { expires }]);
      if (renewAt !== undefined) times.renewAt = { clock: "day", at: renewAt };
      if (tick === undefined || !intervals.has(use)) continue;
      times.tick = advanceTick(firstTick(intervals.get(use), now), { type: "said", tick }, now);
    }
    this.setIntervals(intervals, now);
  }

  /** Of the connection: the earliest that a policy has said. */
  get expires(): number | undefined {
    return earliestExpiry(this.#times.values());
  }

  expiresBy(use: string): boolean {
    return this.#times.get(use)?.expires !== undefined;
  }

  /** The chain, or a policy of it, is another. */
  setIntervals(intervals: Intervals, now: Moment): void {
    for (const [use, every] of intervals) {
      const tick = this.#times.get(use)?.tick;
      if (tick !== undefined) this.#timesOf(use).tick = advanceTick(tick, { type: "interval", every }, now);
      else if (every !== undefined) this.#timesOf(use).tick = firstTick(every, now);
    }
    // One that is called settles first.
    for (const [use, times] of this.#times)
      if (!intervals.has(use) && times.tick?.isCalled === false) times.tick = undefined;
  }

  tick(use: string, event: TickEvent, now: Moment): void {
    const times = this.#timesOf(use);
    times.tick = advanceTick(times.tick ?? firstTick(undefined, now), event, now);
  }

  renew(use: string, { expires, renewAt, tick }: Omit<Renewal, "toClient" | "toServer">, now: Moment): void {
    const times = this.#timesOf(use);
    if (expires !== undefined) times.expires = expires;
    if (renewAt !== undefined) times.renewAt = { clock: "day", at: renewAt };
    if (tick !== undefined) this.tick(use, { type: "said", tick }, now);
  }

  /**
   * What is due counts as begun with that. A time that has been said may be in the past, and again and again: nothing is due
   * sooner after its last call than ticks may be by their interval.
   *
   * @param isHeldUp no tick is to begin now
   */
  take(now: Moment, isHeldUp: boolean): Agenda {
    const { expires } = this;
    if (expires !== undefined && expires <= now.day)
      return { expired: expires, ticks: [], renewals: [], next: Number.POSITIVE_INFINITY };
    const ticks: { use: string; late: number }[] = [];
    const renewals: string[] = [];
    let next = expires === undefined ? Number.POSITIVE_INFINITY : lookAt({ clock: "day", at: expires }, now);
    for (const [use, times] of this.#times) {
      const { due, isInterval = true } = times.tick?.waiting ?? {};
      const tickFrom = isInterval ? now.machine : times.tickedAt + MIN_DISTANCE_MS;
      if (due !== undefined && !isDue(due, now)) next = Math.min(next, lookAt(due, now));
      else if (due !== undefined && tickFrom > now.machine) next = Math.min(next, tickFrom);
      else if (due !== undefined && isHeldUp) next = Math.min(next, now.machine + HELD_UP_MS);
      else if (due !== undefined) {
        this.tick(use, { type: "called" }, now);
        times.tickedAt = now.machine;
        ticks.push({ use, late: lateBy(due, now) });
      }
      const { renewAt } = times;
      const renewFrom = times.renewedAt + MIN_DISTANCE_MS;
      if (renewAt === undefined) continue;
      if (!isDue(renewAt, now)) next = Math.min(next, lookAt(renewAt, now));
      else if (renewFrom > now.machine) next = Math.min(next, renewFrom);
      else {
        times.renewAt = undefined;
        times.renewedAt = now.machine;
        renewals.push(use);
      }
    }
    return { expired: undefined, ticks, renewals, next };
  }

  #timesOf(use: string): UseTimes {
    let times = this.#times.get(use);
    if (times === undefined) {
      const never = Number.NEGATIVE_INFINITY;
      times = { tick: undefined, expires: undefined, renewAt: undefined, tickedAt: never, renewedAt: never };
      this.#times.set(use, times);
    }
    return times;
  }
}
