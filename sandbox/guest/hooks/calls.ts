import { NO_CALL } from "../../wire/call-record.ts";
import type { GuestSettings } from "../../wire/guest-entry.ts";
import { HOOK_NAMES, HOOK_NUMBER } from "../../wire/hooks.ts";
import { RESULT_KIND } from "../../wire/result-record.ts";
import type { SharedMemory } from "../../wire/shared-memory.ts";
import type { HookFault } from "../../wire/verdicts.ts";
import type { GuestClock } from "../clock.ts";
import type { UrlParser } from "../globals/url.ts";
import { closeContext, messageContext, upgradeContext } from "./context.ts";
import { describeFault } from "./faults.ts";
import type { EncodedResult, ResultBox } from "./result-box.ts";
import { checkpointSession, type GuestSeat, type Lane, type WaitingCall } from "./seat.ts";
import { encodeUpgradeVerdict } from "./upgrade-verdict.ts";
import { createMessageVerdictEncoder } from "./verdict.ts";

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
  readonly hook: number;
  readonly lane: Lane;
  readonly call: WaitingCall;
  readonly deadline: number;
  isReported: boolean;
}

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
 *                             │
 *                             └─▶ pending ──▶ settled   a promise; the next call of the lane begins after that
 */
export function createCallRunner(parts: CallRunnerParts): CallRunner {
  const { hooks, memory, settings, clock, results, parseUrl, startCall } = parts;
  const { maxResultBytes, maxSessionLength, asyncTimeoutMs } = settings;
  const encodeMessageVerdict = createMessageVerdictEncoder(maxResultBytes);
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
        follow(seat, hookIndex, call, Promise.resolve(value));
      } else settle(seat, hookIndex, call, value);
    } catch (error) {
      isSettled = true;
      pending.delete(call.id);
      settleFault(seat, hookIndex, call, error);
    }
    current = undefined;
    memory.running = before;
    return isSettled;
  }

  function follow(seat: GuestSeat, hook: number, call: WaitingCall, promise: Promise<unknown>): void {
    const lane = laneOf(seat, hook);
    const deadline = clock.now() + asyncTimeoutMs;
    const entry: PendingCall = { seat, hook, lane, call, deadline, isReported: false };
    Reflect.apply(then, promise, [
      (value: unknown) => resume(entry, () => settle(seat, hook, call, value)),
      (error: unknown) => resume(entry, () => settleFault(seat, hook, call, error)),
    ]);
    lane.isBusy = true;
    pending.set(call.id, entry);
    unreported.push(entry);
    memory.pending = pending.size;
    results.askForDrain(true);
  }

  function resume(entry: PendingCall, finish: () => void): void {
    const { id } = entry.call;
    if (pending.get(id) !== entry) return; // overdue, and settled already
    pending.delete(id);
    memory.pending = pending.size;
    memory.running = id;
    try {
      finish();
    } catch (error) {
      settleFault(entry.seat, entry.hook, entry.call, error);
    }
    memory.running = NO_CALL;
    runWaiting(entry.seat, entry.hook, entry.lane);
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
    if (hook === HOOK_NUMBER.upgrade) return upgradeContext(seat, call.body as string);
    if (hook === HOOK_NUMBER.close) return closeContext(seat, call.body as string);
    return messageContext(seat, originOf(hook), call);
  }

  function settle(seat: GuestSeat, hook: number, call: WaitingCall, value: unknown): void {
    const result = encodeVerdict(seat, hook, call, value);
    results.add(call.id, result, checkpointSession(seat, maxSessionLength));
  }

  function encodeVerdict(seat: GuestSeat, hook: number, call: WaitingCall, value: unknown): EncodedResult {
    if (hook === HOOK_NUMBER.close) return UNCHANGED;
    if (hook !== HOOK_NUMBER.upgrade) return encodeMessageVerdict(value, seat, originOf(hook), call.isBinary);
    const text = encodeUpgradeVerdict(value, parseUrl, maxResultBytes);
    return text === undefined ? UNCHANGED : { kind: RESULT_KIND.upgrade, text, binary: undefined };
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
      const lane = seat.lanes[hook];
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
        const { seat, hook, lane, call } = entry;
        pending.delete(call.id);
        memory.pending = pending.size;
        const message = `\`${HOOK_NAMES[hook]}\`: its promise was still pending after ${asyncTimeoutMs} ms (\`sandbox.asyncTimeout\`)`;
        results.add(call.id, faultResult({ reason: "timeout", message, stack: "" }), undefined);
        runWaiting(seat, hook, lane);
      }
    },
  };
}

function faultResult(fault: HookFault): EncodedResult {
  return { kind: RESULT_KIND.fault, text: JSON.stringify(fault), binary: undefined };
}

function laneOf(seat: GuestSeat, hook: number): Lane {
  seat.lanes[hook] ??= { isBusy: false, waiting: [] };
  return seat.lanes[hook];
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === "object" && value !== null && typeof (value as { then?: unknown }).then === "function"
  );
}

function originOf(hook: number): "client" | "server" {
  return hook === HOOK_NUMBER.client ? "client" : "server";
}
