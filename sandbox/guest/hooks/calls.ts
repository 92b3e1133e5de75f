import { NO_CALL } from "../../wire/call-record.ts";
import type { GuestSettings } from "../../wire/guest-entry.ts";
import { HOOK_NAMES, HOOK_NUMBER } from "../../wire/hooks.ts";
import { RESULT_KIND } from "../../wire/result-record.ts";
import type { SharedMemory } from "../../wire/shared-memory.ts";
import type { HookFault } from "../../wire/verdicts.ts";
import type { GuestClock } from "../clock.ts";
import type { UrlParser } from "../globals/url.ts";
import { closeContext, messageContext, renewContext, tickContext, upgradeContext } from "./context.ts";
import { describeFault } from "./faults.ts";
import { JsonReader } from "./json/json-reader.ts";
import { wantedRenewal } from "./renewal.ts";
import type { EncodedResult, ResultBox } from "./result-box.ts";
import { checkpointSession, type GuestSeat, type Lane, type WaitingCall } from "./seat.ts";
import { createVerdictEncoder } from "./verdict-encoder.ts";

export type Hook = (context: object) => unknown;

export interface CallRunner {
  /** Run a call, or queue it behind those of its seat and hook. */
  submit(seat: GuestSeat, hook: number, call: WaitingCall): void;
  /** The seat whose code runs right now, if it can be told. */
  currentSeat(): GuestSeat | undefined;
  /** Tell the host which calls have become pending since it was last told. */
  reportPending(): void;
  /** End calls that are pending for too long. */
  endOverdue(): void;
}

interface PendingCall {
  readonly seat: GuestSeat;
  /** Whose promise it is. */
  readonly hook: number;
  readonly lane: Lane;
  readonly laneHook: number;
  readonly call: WaitingCall;
  readonly deadline: number;
  isReported: boolean;
}

/** Goes on with what a hook has returned. @returns whether the call has settled */
type GoOn = (value: unknown) => boolean;

const then = Promise.prototype.then;
const UNCHANGED: EncodedResult = { kind: RESULT_KIND.unchanged, text: "", binary: undefined };
const PENDING: EncodedResult = { kind: RESULT_KIND.pending, text: "", binary: undefined };

export interface CallRunnerParts {
  /** By number. */
  readonly hooks: readonly (Hook | undefined)[];
  readonly memory: SharedMemory;
  readonly settings: GuestSettings;
  readonly clock: GuestClock;
  readonly results: ResultBox;
  readonly parseUrl: UrlParser;
  /** Another call begins. */
  startCall(): void;
}

/**
 *   submit ──▶ waiting ──▶ running ──▶ settled         a hook that returned a plain value
 *                           ▲  │
 *                           │  └─▶ pending ──▶ settled  a promise; the next call of the lane begins after that
 *                           └─────────┘
 *                             its verdict calls `renew`, which belongs to the same call
 */
export function createCallRunner(parts: CallRunnerParts): CallRunner {
  const { hooks, memory, settings, clock, results, parseUrl, startCall } = parts;
  const { maxResultBytes, maxSessionLength, asyncTimeoutMs } = settings;
  const verdicts = createVerdictEncoder(maxResultBytes, parseUrl);
  const readers = { client: new JsonReader(), server: new JsonReader() };
  const pending = new Map<number, PendingCall>();
  let unreported: PendingCall[] = [];
  let current: GuestSeat | undefined;

  /** @returns whether the call has settled. */
  function start(seat: GuestSeat, hookIndex: number, call: WaitingCall): boolean {
    const hook = hooks[hookIndex];
    if (!hook) {
      results.add(call.id, UNCHANGED, undefined);
      return true;
    }
    const before = memory.running;
    memory.running = call.id;
    current = seat;
    startCall();
    let isSettled = true;
    try {
      const value = hook(createContext(seat, hookIndex, call));
      if (isThenable(value)) {
        isSettled = false;
        const promise = Promise.resolve(value);
        follow(newPending(seat, hookIndex, call), promise, (verdict) =>
          settle(seat, hookIndex, call, verdict),
        );
      } else isSettled = settle(seat, hookIndex, call, value);
    } catch (error) {
      isSettled = true;
      pending.delete(call.id);
      settleFault(seat, hookIndex, call, error);
    }
    current = undefined;
    memory.running = before;
    return isSettled;
  }

  function newPending(seat: GuestSeat, hook: number, call: WaitingCall, laneHook = hook): PendingCall {
    const lane = laneOf(seat, laneHook);
    const deadline = clock.now() + asyncTimeoutMs;
    return { seat, hook, lane, laneHook, call, deadline, isReported: false };
  }

  function follow(entry: PendingCall, promise: Promise<unknown>, goOn: GoOn): void {
    const { seat, hook, lane, call } = entry;
    Reflect.apply(then, promise, [
      (value: unknown) => resume(entry, () => goOn(value)),
      (error: unknown) =>
        resume(entry, () => {
          settleFault(seat, hook, call, error);
          return true;
        }),
    ]);
    lane.isBusy = true;
    pending.set(call.id, entry);
    unreported.push(entry);
    memory.pending = pending.size;
    results.askForDrain(true);
  }

  function resume(entry: PendingCall, finish: () => boolean): void {
    const { id } = entry.call;
    if (pending.get(id) !== entry) return; // overdue, and settled already
    pending.delete(id);
    memory.pending = pending.size;
    memory.running = id;
    let isSettled = true;
    try {
      isSettled = finish();
    } catch (error) {
      settleFault(entry.seat, entry.hook, entry.call, error);
    }
    memory.running = NO_CALL;
    if (isSettled) runWaiting(entry.seat, entry.laneHook, entry.lane);
  }

  function runWaiting(seat: GuestSeat, hook: number, lane: Lane): void {
    lane.isBusy = false;
    while (!lane.isBusy) {
      const next = lane.waiting.shift();
      if (!next) return;
      start(seat, hook, next);
    }
  }

  function createContext(seat: GuestSeat, hook: number, call: WaitingCall): object {
    switch (hook) {
      case HOOK_NUMBER.upgrade:
      case HOOK_NUMBER.unavailable:
        return upgradeContext(seat, call.body as string);
      case HOOK_NUMBER.tick:
        return tickContext(seat, call.body as string);
      case HOOK_NUMBER.renew:
        return renewContext(seat, JSON.parse(call.body as string));
      case HOOK_NUMBER.close:
        return closeContext(seat, call.body as string);
      default: {
        const origin = hook === HOOK_NUMBER.client ? "client" : "server";
        return messageContext(seat, origin, call, readers[origin]);
      }
    }
  }

  /** @returns whether the call has settled */
  function settle(seat: GuestSeat, hook: number, call: WaitingCall, value: unknown): boolean {
    const wanted = wantedRenewal(seat, hook, value);
    if (wanted !== undefined) return renew(seat, hook, call, { verdict: value, data: wanted.data });
    results.add(call.id, verdicts.encode(value, seat, hook, call), checkpointSession(seat, maxSessionLength));
    return true;
  }

  /** Call `renew` for a verdict that says so: all of it is one call to who waits for it. */
  function renew(
    seat: GuestSeat,
    hook: number,
    call: WaitingCall,
    { verdict, data }: { readonly verdict: unknown; readonly data: unknown },
  ): boolean {
    const finish = (value: unknown) => {
      verdicts.join(value, seat);
      // What is wrong with the verdict that has called is said of the hook that returned it.
      try {
        const result = verdicts.encode(verdict, seat, hook, call);
        results.add(call.id, result, checkpointSession(seat, maxSessionLength));
      } catch (error) {
        settleFault(seat, hook, call, error);
      }
      return true;
    };
    startCall();
    try {
      const cause = { reason: "message", data, time: clock.now() };
      const value = hooks[HOOK_NUMBER.renew]?.(renewContext(seat, cause));
      if (!isThenable(value)) return finish(value);
      follow(newPending(seat, HOOK_NUMBER.renew, call, hook), Promise.resolve(value), finish);
      return false;
    } catch (error) {
      settleFault(seat, HOOK_NUMBER.renew, call, error);
      return true;
    }
  }

  function settleFault(seat: GuestSeat, hook: number, call: WaitingCall, error: unknown): void {
    const fault = describeFault(HOOK_NAMES[hook] as string, error);
    let session: string | undefined;
    try {
      session = checkpointSession(seat, maxSessionLength);
    } catch {
      // The session is back at its last checkpoint; one fault a call is enough.
    }
    results.add(call.id, faultResult(fault), session);
  }

  return {
    submit(seat, hook, call) {
      const lane = seat.lanes?.[hook];
      if (lane?.isBusy) lane.waiting.push(call);
      else start(seat, hook, call);
    },

    currentSeat: () => current,

    reportPending() {
      for (const entry of unreported) {
        if (pending.get(entry.call.id) !== entry || entry.isReported) continue;
        entry.isReported = true;
        results.add(entry.call.id, PENDING, undefined);
      }
      unreported = [];
      results.askForDrain(false);
    },

    endOverdue() {
      const now = clock.now();
      for (const entry of [...pending.values()]) {
        if (entry.deadline > now) break; // in the order of their deadlines
        const { seat, hook, lane, laneHook, call } = entry;
        pending.delete(call.id);
        memory.pending = pending.size;
        const message = `\`${HOOK_NAMES[hook]}\`: its promise was still pending after ${asyncTimeoutMs} ms (\`sandbox.asyncTimeout\`)`;
        results.add(call.id, faultResult({ reason: "timeout", message, stack: "" }), undefined);
        runWaiting(seat, laneHook, lane);
      }
    },
  };
}

function faultResult(fault: HookFault): EncodedResult {
  return { kind: RESULT_KIND.fault, text: JSON.stringify(fault), binary: undefined };
}

function laneOf(seat: GuestSeat, hook: number): Lane {
  seat.lanes ??= HOOK_NAMES.map(() => undefined);
  seat.lanes[hook] ??= { isBusy: false, waiting: [] };
  return seat.lanes[hook];
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === "object" && value !== null && typeof (value as { then?: unknown }).then === "function"
  );
}
