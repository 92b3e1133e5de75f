import type { GuestSettings } from "../protocol.ts";
import { hookNames, resultKind, shared } from "../protocol.ts";
import { realNow } from "./clock.ts";
import { closeContext, messageContext, upgradeContext } from "./context.ts";
import { describeFault } from "./faults.ts";
import type { Outbox } from "./outbox.ts";
import { checkpointSession, type Lane, type Seat, type WaitingCall } from "./seat.ts";
import { encodeUpgradeVerdict } from "./upgrade-verdict.ts";
import type { UrlParser } from "./url.ts";
import { type Encoded, encodeMessageVerdict } from "./verdict.ts";

export type Hook = (context: object) => unknown;

export interface CallRunner {
  /** Run a call, or queue it behind those of its seat and hook. */
  submit(seat: Seat, hook: number, call: WaitingCall): void;
  /** The seat whose code runs right now, if it can be told. */
  currentSeat(): Seat | undefined;
  /** Tell the host which calls have become pending since it was last told. */
  reportPending(): void;
  /** End calls that are pending for too long. */
  endOverdue(): void;
}

interface PendingCall {
  readonly seat: Seat;
  readonly hook: number;
  readonly lane: Lane;
  readonly call: WaitingCall;
  readonly deadline: number;
  isReported: boolean;
}

const then = Promise.prototype.then;
const UPGRADE = 0;
const CLIENT = 1;
const CLOSE = 3;

/**
 *   submit ──▶ waiting ──▶ running ──▶ settled         a hook that returned a plain value
 *                             │
 *                             └─▶ pending ──▶ settled   a promise; the next call of the lane begins after that
 */
export function createCallRunner(
  hooks: readonly (Hook | undefined)[],
  memory: Int32Array,
  settings: GuestSettings,
  outbox: Outbox,
  startCall: () => void,
  parseUrl: UrlParser,
): CallRunner {
  const { maxResultBytes, maxSessionBytes, asyncTimeoutMs } = settings;
  const encoded: Encoded = { kind: resultKind.unchanged, text: "", binary: undefined };
  const pending = new Map<number, PendingCall>();
  let unreported: PendingCall[] = [];
  let current: Seat | undefined;

  /** @returns whether the call has settled. */
  function start(seat: Seat, hookIndex: number, call: WaitingCall): boolean {
    const hook = hooks[hookIndex];
    if (!hook) {
      outbox.add(call.id, resultKind.unchanged, "", undefined, undefined);
      return true;
    }
    const before = memory[shared.running] as number;
    memory[shared.running] = call.id;
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
    memory[shared.running] = before;
    return isSettled;
  }

  function follow(seat: Seat, hook: number, call: WaitingCall, promise: Promise<unknown>): void {
    const lane = laneOf(seat, hook);
    const deadline = realNow() + asyncTimeoutMs;
    const entry: PendingCall = { seat, hook, lane, call, deadline, isReported: false };
    Reflect.apply(then, promise, [
      (value: unknown) => resume(entry, () => settle(seat, hook, call, value)),
      (error: unknown) => resume(entry, () => settleFault(seat, hook, call, error)),
    ]);
    lane.isBusy = true;
    pending.set(call.id, entry);
    unreported.push(entry);
    memory[shared.pending] = pending.size;
    outbox.askForDrain(true);
  }

  function resume(entry: PendingCall, finish: () => void): void {
    const { id } = entry.call;
    if (pending.get(id) !== entry) return; // overdue, and settled already
    pending.delete(id);
    memory[shared.pending] = pending.size;
    memory[shared.running] = id;
    try {
      finish();
    } catch (error) {
      settleFault(entry.seat, entry.hook, entry.call, error);
    }
    memory[shared.running] = -1;
    runWaiting(entry.seat, entry.hook, entry.lane);
  }

  function runWaiting(seat: Seat, hook: number, lane: Lane): void {
    lane.isBusy = false;
    while (!lane.isBusy) {
      const next = lane.waiting.shift();
      if (!next) return;
      start(seat, hook, next);
    }
  }

  function createContext(seat: Seat, hook: number, call: WaitingCall): object {
    if (hook === UPGRADE) return upgradeContext(seat, call.body as string);
    if (hook === CLOSE) return closeContext(seat, call.body as string);
    return messageContext(seat, originOf(hook), call.body, call.length, call.sequence, call.time);
  }

  function settle(seat: Seat, hook: number, call: WaitingCall, value: unknown): void {
    if (hook === UPGRADE) {
      const text = encodeUpgradeVerdict(value, parseUrl, maxResultBytes);
      encoded.kind = text === undefined ? resultKind.unchanged : resultKind.upgrade;
      encoded.text = text ?? "";
      encoded.binary = undefined;
    } else {
      const verdict = hook === CLOSE ? undefined : value;
      const isBinary = typeof call.body !== "string";
      encodeMessageVerdict(verdict, seat, originOf(hook), isBinary, maxResultBytes, encoded);
    }
    const { kind, text, binary } = encoded;
    const session = checkpointSession(seat, maxSessionBytes);
    outbox.add(call.id, kind, text, session, binary);
  }

  function settleFault(seat: Seat, hook: number, call: WaitingCall, error: unknown): void {
    const fault = describeFault(hookNames[hook] as string, error);
    let session: string | undefined;
    try {
      session = checkpointSession(seat, maxSessionBytes);
    } catch {
      // The session is back at its last checkpoint; one fault a call is enough.
    }
    outbox.add(call.id, resultKind.fault, JSON.stringify(fault), session, undefined);
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
        outbox.add(entry.call.id, resultKind.pending, "", undefined, undefined);
      }
      unreported = [];
      outbox.askForDrain(false);
    },

    endOverdue() {
      const now = realNow();
      for (const entry of [...pending.values()]) {
        if (entry.deadline > now) break; // in the order of their deadlines
        const { seat, hook, lane, call } = entry;
        pending.delete(call.id);
        memory[shared.pending] = pending.size;
        const message = `\`${hookNames[hook]}\`: its promise was still pending after ${asyncTimeoutMs} ms (\`sandbox.asyncTimeout\`)`;
        outbox.add(
          call.id,
          resultKind.fault,
          JSON.stringify({ reason: "timeout", message, stack: "" }),
          undefined,
          undefined,
        );
        runWaiting(seat, hook, lane);
      }
    },
  };
}

function laneOf(seat: Seat, hook: number): Lane {
  seat.lanes[hook] ??= { isBusy: false, waiting: [] };
  return seat.lanes[hook];
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === "object" && value !== null && typeof (value as { then?: unknown }).then === "function"
  );
}

function originOf(hook: number): "client" | "server" {
  return hook === CLIENT ? "client" : "server";
}
