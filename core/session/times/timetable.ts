import type { Renewal } from "../../../sandbox/contract/verdicts.ts";
import { earliestExpiry, type Term } from "../../request/terms.ts";
import { policyOfUse } from "../../routes/use-key.ts";
import { type Due, isDue, lateBy, lookAt, type Moment } from "./due.ts";
import { advanceTick, firstTick, type TickEvent, type TickState } from "./tick-schedule.ts";

/** By use, of those whose `tick` hook runs: the interval of the version that there is now, if it has one. */
export type Intervals = ReadonlyMap<string, number | undefined>;

/** What is to be done now, and when to look again. */
export interface Agenda {
  /** When it was to end, and the use that has said so; undefined: not yet. Nothing else is to be done then. */
  readonly expired: { readonly at: number; readonly use: string } | undefined;
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
  /** Of uses that the chain has no more: those that go on with their times. */
  readonly #successors = new Map<string, string>();
  #chain: readonly string[];

  /** @param chain its uses, which may be others than when the terms were said */
  constructor(terms: readonly Term[], intervals: Intervals, now: Moment, chain: readonly string[] = []) {
    this.#chain = terms.map(({ use }) => use);
    for (const { use, expires, renewAt } of terms) {
      const times = this.#timesOf(use);
      times.expires = earliestExpiry([times, { expires }]);
      if (renewAt !== undefined) times.renewAt = { clock: "day", at: renewAt };
    }
    this.follow(chain);
    for (const { use: before, tick } of terms) {
      const use = this.useNow(before);
      if (tick === undefined || !intervals.has(use)) continue;
      const times = this.#timesOf(use);
      times.tick = advanceTick(firstTick(intervals.get(use), now), { type: "said", tick }, now);
    }
    this.setIntervals(intervals, now);
  }

  /** Of the connection: the earliest that a policy has said. */
  get expires(): number | undefined {
    return earliestExpiry(this.#times.values());
  }

  expiresBy(use: string): boolean {
    return this.#times.get(this.useNow(use))?.expires !== undefined;
  }

  /** The use itself, or that which has its place in the chain since its options are others. */
  useNow(use: string): string {
    return this.#successors.get(use) ?? use;
  }

  /**
   * The chain may be another. A use whose options have changed is another use of the same policy: it goes on with the times of
   * that one, for else nobody could put off an expiry that the connection still has. What has no successor keeps its expiry.
   *
   * @param chain its uses, in order
   */
  follow(chain: readonly string[]): void {
    const here = new Set(chain);
    const before = new Set([...this.#chain, ...this.#times.keys()]);
    const added = [...here].filter((use) => !before.has(use));
    this.#chain = chain;
    for (const use of here) this.#successors.delete(use);
    for (const gone of before) {
      const at = here.has(gone) ? -1 : added.findIndex((use) => policyOfUse(use) === policyOfUse(gone));
      const [successor] = at < 0 ? [] : added.splice(at, 1);
      if (successor !== undefined) this.#succeed(gone, successor);
    }
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
    // It was called for a use that the chain has had no more since then, and has again.
    if (event.type === "settled" && times.tick?.isCalled !== true) return;
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
      return { expired: this.#expiredBy(expires), ticks: [], renewals: [], next: Number.POSITIVE_INFINITY };
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

  #expiredBy(at: number): NonNullable<Agenda["expired"]> {
    const [use = ""] = [...this.#times].find(([, { expires }]) => expires === at) ?? [];
    return { at, use };
  }

  #succeed(gone: string, successor: string): void {
    const times = this.#times.get(gone);
    this.#times.delete(gone);
    if (times !== undefined) this.#times.set(successor, times);
    for (const [use, next] of this.#successors) if (next === gone) this.#successors.set(use, successor);
    this.#successors.set(gone, successor);
  }

  #timesOf(before: string): UseTimes {
    const use = this.useNow(before);
    let times = this.#times.get(use);
    if (times === undefined) {
      const never = Number.NEGATIVE_INFINITY;
      times = { tick: undefined, expires: undefined, renewAt: undefined, tickedAt: never, renewedAt: never };
      this.#times.set(use, times);
    }
    return times;
  }
}
