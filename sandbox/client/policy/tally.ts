import type { Tally } from "../../contract/stats.ts";
import { HOOK_NUMBER } from "../../wire/hooks.ts";
import type { HookIndex } from "./by-hook.ts";

/** A call that is back, as far as it is counted. */
export interface TalliedCall {
  /** Told apart from others by itself. */
  readonly seat: object;
  readonly hook: HookIndex;
  /** On the clock of `performance.now`; 0: not known, since nobody counted when it was sent. */
  readonly sentAt: number;
}

/** A bucket is a ninth wider than the one before it: eight of them double. */
const BUCKETS_A_DOUBLING = 8;
/** From a microsecond to more than a minute. */
const BUCKETS = 26 * BUCKETS_A_DOUBLING;

/** How one version of a policy does, beside another that is on its way: kept for as long as both take calls, and no longer. */
export class VersionTally {
  #calls = 0;
  #faults = 0;
  #sessions = 0;
  #closes = 0;
  readonly #latency = new Uint32Array(BUCKETS);
  readonly #met = new WeakSet<object>();
  readonly #ended = new WeakSet<object>();

  add({ seat, hook, sentAt }: TalliedCall, isFault: boolean, now: number): void {
    this.#calls++;
    if (isFault) this.#faults++;
    if (sentAt > 0) this.#addLatency((now - sentAt) * 1000);
    // The seats of these calls are others than that of the session which it becomes.
    if (hook !== HOOK_NUMBER.upgrade && hook !== HOOK_NUMBER.unavailable) this.#meet(seat);
  }

  /** The connection of this seat ends by what the version has said, or by its fault. */
  end(seat: object): void {
    this.#meet(seat);
    if (this.#ended.has(seat)) return;
    this.#ended.add(seat);
    this.#closes++;
  }

  /** What there was since it was last asked. */
  take(): Tally {
    const latency: (readonly [number, number])[] = [];
    this.#latency.forEach((count, bucket) => {
      if (count > 0) latency.push([2 ** ((bucket + 1) / BUCKETS_A_DOUBLING) / 1000, count]);
    });
    const taken = {
      calls: this.#calls,
      faults: this.#faults,
      sessions: this.#sessions,
      closes: this.#closes,
      latency,
    };
    this.#calls = this.#faults = this.#sessions = this.#closes = 0;
    this.#latency.fill(0);
    return taken;
  }

  #meet(seat: object): void {
    if (this.#met.has(seat)) return;
    this.#met.add(seat);
    this.#sessions++;
  }

  #addLatency(us: number): void {
    const bucket = us <= 1 ? 0 : Math.min(BUCKETS - 1, Math.floor(Math.log2(us) * BUCKETS_A_DOUBLING));
    this.#latency[bucket] = (this.#latency[bucket] ?? 0) + 1;
  }
}
