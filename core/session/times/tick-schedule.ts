import type { NextTick } from "../../../sandbox/policy-api.ts";
import type { Due, Moment } from "./due.ts";

/**
 * When one use of a policy has its next `tick`, decided purely:
 *
 *            interval, or a verdict                its time has come
 *   idle ────────────────────────────▶ waiting ─────────────────────▶ called
 *    ▲ ▲                                │    ▲                           │
 *    │ └──── a verdict: not any more ───┘    ├── settled: the time that a verdict said, this one's or one of another
 *    │                                       │   hook's meanwhile; else that of the interval
 *    └──────── settled, and none of these ───┴───────────────────────────┘
 *
 * One that is called is not called again until it has settled. What the interval has missed meanwhile is left out.
 */
export interface TickState {
  /** Of the version that there is now; undefined: it has no interval. */
  readonly every: number | undefined;
  readonly waiting: { readonly due: Due; readonly isInterval: boolean } | undefined;
  readonly isCalled: boolean;
  /** While it is called: what another verdict has said of the next one. */
  readonly said: { readonly due: Due | undefined } | undefined;
  /** Intervals are counted from here, on the machine's clock. */
  readonly base: number;
}

export type TickEvent =
  /** A verdict, of whichever hook of the policy. */
  | { readonly type: "said"; readonly tick: NextTick }
  | { readonly type: "called" }
  | { readonly type: "settled"; readonly tick: NextTick | undefined }
  /** Another version has the calls. */
  | { readonly type: "interval"; readonly every: number | undefined };

/** Of a connection that has just begun. */
export function firstTick(every: number | undefined, now: Moment): TickState {
  const state = { every, waiting: undefined, isCalled: false, said: undefined, base: now.machine };
  return { ...state, waiting: afterInterval(state, now) };
}

/** @throws when the event cannot come in this state */
export function advanceTick(state: TickState, event: TickEvent, now: Moment): TickState {
  switch (event.type) {
    case "said": {
      const due = dueOf(event.tick, now);
      return state.isCalled ? { ...state, said: { due } } : { ...state, waiting: asSaid(due) };
    }
    case "called": {
      if (state.waiting === undefined) throw new Error("a `tick` was called that is not due");
      const { due } = state.waiting;
      const base = due.clock === "machine" ? due.at : now.machine;
      return { ...state, waiting: undefined, isCalled: true, base };
    }
    case "settled": {
      if (!state.isCalled) throw new Error("a `tick` has settled that was not called");
      const said = event.tick === undefined ? state.said : { due: dueOf(event.tick, now) };
      const waiting = said === undefined ? afterInterval(state, now) : asSaid(said.due);
      return { ...state, isCalled: false, said: undefined, waiting };
    }
    case "interval": {
      if (event.every === state.every) return state;
      const next = { ...state, every: event.every };
      // A time that a verdict has said is not the interval's.
      if (state.isCalled || state.waiting?.isInterval === false) return next;
      return { ...next, waiting: afterInterval(next, now) };
    }
  }
}

function afterInterval({ every, base }: TickState, now: Moment): TickState["waiting"] {
  if (every === undefined) return undefined;
  const missed = Math.max(0, Math.floor((now.machine - base) / every));
  return { due: { clock: "machine", at: base + (missed + 1) * every }, isInterval: true };
}

function asSaid(due: Due | undefined): TickState["waiting"] {
  return due && { due, isInterval: false };
}

function dueOf(tick: NextTick, now: Moment): Due | undefined {
  if (tick === false) return undefined;
  if (tick.at !== undefined) return { clock: "day", at: tick.at };
  return { clock: "machine", at: now.machine + tick.in };
}
