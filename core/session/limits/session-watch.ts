import type { Side } from "../../../sandbox/contract/hooks.ts";
import type { SessionConfig } from "../../config/index.ts";
import type { EndGrounds } from "../../session-end.ts";
import type { CloseStatus } from "../../wire/close-payload.ts";
import { type Deadline, type Deadlines, TICK_MS } from "./deadlines.ts";

export type WatchRules = Pick<SessionConfig, "expireMs" | "idle" | "keepalive" | "slowConsumer">;

/** What the watch needs of a session. Times are those of the deadlines' clock. */
export interface WatchedSession {
  /** When the last message passed, in either direction; with `countControl` the last message, ping or pong. */
  activeAt(countControl: boolean): number;
  /** When this peer last gave a sign of life. */
  heardAt(leg: Side): number;
  /** Send this peer a ping of the gateway's own. @returns false when a frame to it is on its way: try again later */
  ping(leg: Side): boolean;
  /** This peer has vanished: let the other see it vanish. */
  cutOff(leg: Side): void;
  /** Since when this peer has held the other up; undefined when it does not. */
  fullSince(leg: Side): number | undefined;
  close(status: CloseStatus, grounds: EndGrounds): void;
  /** Cut both peers off. */
  destroy(): void;
}

/** Looks at the session, acts if it must, and says when to look again: never (Infinity) once it has acted. */
type Check = (now: number) => number;

/** Ends a session that has lived, or been silent, for too long. One deadline, whatever the rules; none without rules. */
export class SessionWatch {
  readonly #deadlines: Deadlines;
  readonly #checks: { readonly check: Check; due: number }[];
  #deadline: Deadline | undefined;

  /** @param random from 0 to 1, for what must not hit all sessions at once */
  constructor(
    rules: WatchRules,
    session: WatchedSession,
    deadlines: Deadlines,
    random: () => number = Math.random,
  ) {
    this.#deadlines = deadlines;
    const { expireMs, idle, keepalive, slowConsumer } = rules;
    const checks: Check[] = [];
    if (expireMs > 0) checks.push(createLifeCheck(Math.round(expireMs * (1 - random() * JITTER)), session));
    if (idle.timeoutMs > 0) checks.push(createIdleCheck(idle, session));
    if (keepalive !== false) {
      for (const leg of keepalive.legs) checks.push(createPeerCheck(keepalive, leg, session));
    }
    if (slowConsumer.timeoutMs > 0) {
      for (const leg of ["client", "server"] as const)
        checks.push(createSlownessCheck(slowConsumer.timeoutMs, leg, session));
    }
    this.#checks = checks.map((check) => ({ check, due: 0 }));
  }

  /** There is a rule. */
  get isNeeded(): boolean {
    return this.#checks.length > 0;
  }

  start(): void {
    if (!this.isNeeded) return;
    // So that the clock goes.
    this.#deadline = this.#deadlines.add(0, () => this.#look());
    this.#look();
  }

  stop(): void {
    if (this.#deadline !== undefined) this.#deadlines.cancel(this.#deadline);
    this.#deadline = undefined;
  }

  #look(): void {
    const { now } = this.#deadlines;
    let next = Number.POSITIVE_INFINITY;
    for (const entry of this.#checks) {
      if (now >= entry.due) entry.due = entry.check(now);
      next = Math.min(next, entry.due);
    }
    const before = this.#deadline;
    if (before === undefined) return;
    this.#deadlines.cancel(before);
    this.#deadline = next === Number.POSITIVE_INFINITY ? undefined : this.#deadlines.add(next, before.run);
  }
}

/** Which part of its life a session may lose, so that those that came together do not leave together. */
const JITTER = 0.1;

function createLifeCheck(lifeMs: number, session: WatchedSession): Check {
  let end: number | undefined;
  return (now) => {
    end ??= now + lifeMs;
    if (now < end) return end;
    session.close({ code: 1001, reason: "expired" }, { cause: "expire", detail: `after ${lifeMs} ms` });
    return Number.POSITIVE_INFINITY;
  };
}

function createIdleCheck({ timeoutMs, countPings }: WatchRules["idle"], session: WatchedSession): Check {
  let startedAt: number | undefined;
  return (now) => {
    startedAt ??= now;
    // A message came up to a tick later than the time that it bears.
    const due = Math.max(startedAt, session.activeAt(countPings)) + timeoutMs + TICK_MS;
    if (now < due) return due;
    session.close({ code: 1001, reason: "idle" }, { cause: "idle", detail: `after ${timeoutMs} ms` });
    return Number.POSITIVE_INFINITY;
  };
}

/** A ping after a silence; whatever comes after it, the pong or anything else, is life. */
function createPeerCheck(
  { intervalMs, timeoutMs }: Exclude<WatchRules["keepalive"], false>,
  leg: Side,
  session: WatchedSession,
): Check {
  let startedAt: number | undefined;
  let pingedAt: number | undefined;
  return (now) => {
    startedAt ??= now;
    const heardAt = Math.max(startedAt, session.heardAt(leg));
    if (pingedAt !== undefined) {
      const end = pingedAt + timeoutMs;
      // A slow answer puts off the next ping by no more than the interval.
      if (heardAt < pingedAt && now < end) return Math.min(end, now + intervalMs);
      if (heardAt < pingedAt) {
        session.cutOff(leg);
        return Number.POSITIVE_INFINITY;
      }
      pingedAt = undefined;
    }
    const due = heardAt + intervalMs;
    if (now < due) return due;
    if (!session.ping(leg)) return now + Math.min(intervalMs, RETRY_MS);
    pingedAt = now;
    return now + Math.min(intervalMs, timeoutMs);
  };
}

/** Until a ping is tried again that found a frame on its way. */
const RETRY_MS = 1_000;

/** A Close may be stuck behind what the peer does not take: after as long again both are cut off. */
function createSlownessCheck(timeoutMs: number, leg: Side, session: WatchedSession): Check {
  let closedAt: number | undefined;
  return (now) => {
    const since = session.fullSince(leg);
    if (since === undefined) return now + timeoutMs / 4;
    const end = Math.max(since, closedAt ?? 0) + timeoutMs;
    if (now < end) return Math.min(end, now + timeoutMs / 4);
    if (closedAt === undefined) {
      closedAt = now;
      session.close({ code: 1013, reason: "slow consumer" }, { cause: "slow-consumer", detail: leg });
      return now + timeoutMs;
    }
    session.destroy();
    return Number.POSITIVE_INFINITY;
  };
}
