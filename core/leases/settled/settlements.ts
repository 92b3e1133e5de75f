import { type Account, isMuch, type Settle, takeOver, takeSettlement } from "./account.ts";

export interface SettlementsOptions {
  readonly settle: Settle;
  readonly pace: SettlePace;
  readonly read?: (() => number) | undefined;
  after?(ms: number, run: () => void): void;
}

export interface SettlePace {
  /** Between two questions. */
  readonly gapMs: number;
  /** For so long a key of which little was let in since it was told of is not told again. */
  readonly restMs: number;
}

/** A worker's, with the supervisor. */
export const WORKER_PACE: SettlePace = { gapMs: 10, restMs: 100 };

/** A machine's, with Redis. */
export const MACHINE_PACE: SettlePace = { gapMs: 50, restMs: 500 };

/**
 * Tells the book what was let in, after it was: many keys at a time, one question after the other. What the book has then is
 * what the own bucket has from now on, so that what others let in comes off what comes next here.
 */
export class Settlements {
  readonly #options: SettlementsOptions;
  readonly #read: () => number;
  readonly #after: (ms: number, run: () => void) => void;
  readonly #listed = new Set<Account>();
  #askedAt = Number.NEGATIVE_INFINITY;
  /** A question is on its way, or soon will be. */
  #isBusy = false;

  constructor(options: SettlementsOptions) {
    this.#options = options;
    this.#read = options.read ?? (() => performance.now());
    this.#after = options.after ?? runAfter;
  }

  /** So much of it has been let in. */
  add(account: Account, messages: number, bytes: number): void {
    account.messages += messages;
    account.bytes += bytes;
    if (account.isListed) return;
    account.isListed = true;
    this.#listed.add(account);
    if (!this.#isBusy) this.#schedule();
  }

  #schedule(): void {
    this.#isBusy = this.#listed.size > 0;
    if (!this.#isBusy) return;
    this.#after(this.#askedAt + this.#options.pace.gapMs - this.#read(), () => this.#flush());
  }

  #flush(): void {
    const now = this.#read();
    this.#askedAt = now;
    const due: Account[] = [];
    for (const account of this.#listed) {
      if (due.length === MOST_AT_ONCE) break;
      if (now - account.toldAt < this.#options.pace.restMs && !isMuch(account)) continue;
      this.#listed.delete(account);
      due.push(account);
    }
    if (due.length === 0) return this.#schedule();
    const settlements = due.map((account) => takeSettlement(account, now));
    // Whoever keeps the book cannot say, or has gone: each goes on by its own bucket.
    this.#options.settle(settlements).then(
      (levels) => this.#hear(due, levels),
      () => this.#schedule(),
    );
  }

  #hear(told: readonly Account[], levels: Awaited<ReturnType<Settle>>): void {
    const now = this.#read();
    told.forEach((account, index) => {
      const level = levels[index];
      if (level !== undefined) takeOver(account, level, now);
    });
    this.#schedule();
  }
}

/** At once is at the end of this loop turn: with all that comes in it. */
function runAfter(ms: number, run: () => void): void {
  if (ms <= 0) setImmediate(run);
  else setTimeout(run, ms).unref();
}

const MOST_AT_ONCE = 1_000;
