import type { RateAction, RateConfig } from "../../config/index.ts";
import { type Account, openAccount, type Settle } from "../../leases/settled/account.ts";
import { Settlements, WORKER_PACE } from "../../leases/settled/settlements.ts";
import { TokenBucket } from "../../leases/settled/token-bucket.ts";
import type { Deadline, Deadlines } from "./deadlines.ts";

/** What the messages of one direction of one session have to pass. */
export interface RateGate {
  readonly action: RateAction;
  /** Ask for a message, or with `messages` 0 for another part of one. Each time it is not there is counted. */
  tryTake(messages: number, bytes: number): boolean;
  /** Count what passes in any case. */
  take(messages: number, bytes: number): void;
  /** Milliseconds until what has passed is made good. */
  debtMs(): number;
  /** The sender is held up from now on. */
  countDelay(): void;
  /** The session has ended. */
  leave(): void;
}

/**
 * Whether a frame of a message may pass. A message once let in is not dropped in the middle.
 *
 * @param isFirst of its message's frames
 */
export function admitFrame(rate: RateGate, isFirst: boolean, bytes: number): "pass" | "drop" | "close" {
  const { action } = rate;
  const messages = isFirst ? 1 : 0;
  if (action === "delay" || (action === "drop" && !isFirst)) {
    rate.take(messages, bytes);
    return "pass";
  }
  return rate.tryTake(messages, bytes) ? "pass" : action;
}

/**
 * The buckets of one process: those that sessions share, by key, outlive the sessions until they are full again. Where other
 * processes have buckets of the same keys, what has passed is settled with their book: no message waits for that.
 */
export class RateBuckets {
  readonly #deadlines: Deadlines;
  readonly #read: () => number;
  readonly #settlements: Settlements | undefined;
  readonly #shared = new Map<string, { readonly account: Account; users: number }>();
  /** Without users, the one that has been so for longest first. */
  readonly #unused = new Map<string, Deadline>();

  /** @param settle undefined: there are no other processes */
  constructor(deadlines: Deadlines, read: () => number = () => performance.now(), settle?: Settle) {
    this.#deadlines = deadlines;
    this.#read = read;
    this.#settlements = settle && new Settlements({ settle, pace: WORKER_PACE, read });
  }

  get size(): number {
    return this.#shared.size;
  }

  /**
   * @param key whose bucket it is; undefined: this session's alone
   * @param count called each time that the rate's action is carried out
   */
  open(rate: RateConfig, key: string | undefined, count: () => void): RateGate {
    const read = this.#read;
    const account = key === undefined ? undefined : this.#join(rate, key);
    const bucket = account?.bucket ?? new TokenBucket(rate, read());
    const gate: RateGate = {
      action: rate.action,
      tryTake(messages, bytes) {
        const isThere = bucket.tryTake(read(), messages, bytes);
        if (!isThere) count();
        return isThere;
      },
      take: (messages, bytes) => bucket.take(read(), messages, bytes),
      debtMs: () => bucket.debtMs(read()),
      countDelay: count,
      leave: () => {
        if (key !== undefined) this.#leave(key);
      },
    };
    const settlements = this.#settlements;
    if (account === undefined || settlements === undefined) return gate;
    return {
      ...gate,
      tryTake(messages, bytes) {
        const isThere = gate.tryTake(messages, bytes);
        if (isThere) settlements.add(account, messages, bytes);
        return isThere;
      },
      take(messages, bytes) {
        bucket.take(read(), messages, bytes);
        settlements.add(account, messages, bytes);
      },
    };
  }

  #join(rate: RateConfig, key: string): Account {
    let entry = this.#shared.get(key);
    if (entry === undefined) {
      entry = { account: openAccount(key, rate, this.#read()), users: 0 };
      this.#shared.set(key, entry);
    }
    entry.users++;
    const deadline = this.#unused.get(key);
    if (deadline !== undefined) this.#deadlines.cancel(deadline);
    this.#unused.delete(key);
    return entry.account;
  }

  #leave(key: string): void {
    const entry = this.#shared.get(key);
    if (entry === undefined || --entry.users > 0) return;
    this.#expire(key, entry.account.bucket);
    const [oldest] = this.#unused.keys();
    if (this.#unused.size > MAX_UNUSED && oldest !== undefined) this.#forget(oldest);
  }

  #expire(key: string, bucket: TokenBucket): void {
    const deadline = this.#deadlines.after(bucket.refillMs(this.#read()), () => {
      // Its book may have said meanwhile that there is less.
      if (bucket.refillMs(this.#read()) > 0) this.#expire(key, bucket);
      else this.#forget(key);
    });
    this.#unused.set(key, deadline);
  }

  #forget(key: string): void {
    const deadline = this.#unused.get(key);
    if (deadline !== undefined) this.#deadlines.cancel(deadline);
    this.#unused.delete(key);
    this.#shared.delete(key);
  }
}

/** Clients that come and go under ever new keys must not fill the memory. */
const MAX_UNUSED = 100_000;
