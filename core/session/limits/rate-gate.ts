import type { RateAction, RateConfig } from "../../config/index.ts";
import type { Deadline, Deadlines } from "./deadlines.ts";
import { TokenBucket } from "./token-bucket.ts";

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

/** The buckets of one process: those that sessions share, by key, outlive the sessions until they are full again. */
export class RateBuckets {
  readonly #deadlines: Deadlines;
  readonly #read: () => number;
  readonly #shared = new Map<string, { readonly bucket: TokenBucket; users: number }>();
  /** Without users, the one that has been so for longest first. */
  readonly #unused = new Map<string, Deadline>();

  constructor(deadlines: Deadlines, read: () => number = () => performance.now()) {
    this.#deadlines = deadlines;
    this.#read = read;
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
    const bucket = key === undefined ? new TokenBucket(rate, read()) : this.#join(rate, key);
    return {
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
  }

  #join(rate: RateConfig, key: string): TokenBucket {
    let entry = this.#shared.get(key);
    if (entry === undefined) {
      entry = { bucket: new TokenBucket(rate, this.#read()), users: 0 };
      this.#shared.set(key, entry);
    }
    entry.users++;
    const deadline = this.#unused.get(key);
    if (deadline !== undefined) this.#deadlines.cancel(deadline);
    this.#unused.delete(key);
    return entry.bucket;
  }

  #leave(key: string): void {
    const entry = this.#shared.get(key);
    if (entry === undefined || --entry.users > 0) return;
    const expire = this.#deadlines.after(entry.bucket.refillMs(this.#read()), () => this.#forget(key));
    this.#unused.set(key, expire);
    const [oldest] = this.#unused.keys();
    if (this.#unused.size > MAX_UNUSED && oldest !== undefined) this.#forget(oldest);
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
