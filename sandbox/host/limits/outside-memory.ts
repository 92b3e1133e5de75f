import { getHeapStatistics } from "node:v8";
import { findCollector } from "../../heap-room.ts";

export interface OutsideMemoryParts {
  /** What V8's own heap takes, and what its objects hold outside of it, in bytes. */
  read(): { readonly used_heap_size: number; readonly external_memory: number };
  collect(): void;
}

export interface OutsideMemoryLimits {
  /** For less there is no collection. */
  readonly minGarbageBytes: number;
  /** How often it is asked between two looks, which cost as much as a short entry. */
  readonly lookEvery: number;
  /** And between two collections. */
  readonly collectEvery: number;
}

const MIB = 1024 * 1024;
/** Of a process, which is asked about at every entry. */
const PROCESS_LIMITS: OutsideMemoryLimits = { minGarbageBytes: 64 * MIB, lookEvery: 20, collectEvery: 20 };
/**
 * Of an isolate, which is asked about every 20 entries. A collection takes some milliseconds: once in 2,000 of them nobody
 * notices. Where large messages leave more than this in between, the soft limit of the isolate's memory has it collected.
 */
export const ISOLATE_LIMITS: OutsideMemoryLimits = {
  minGarbageBytes: 8 * MIB,
  lookEvery: 1,
  collectEvery: 100,
};

/**
 * What the objects of a heap hold outside of it. A text of 1 KiB or more that leaves an isolate, or goes into one as it is (see
 * `GuestText`), is an external string there: it is among the old objects from the beginning, so that nothing but a collection of
 * all of them frees it, and its bytes do not make V8 begin one. Buffers that come and go would; there are none where their memory
 * is used again. So who enters isolates looks from time to time, and collects.
 */
export class OutsideMemory {
  readonly #parts: OutsideMemoryParts;
  readonly #limits: OutsideMemoryLimits;
  #asked = 0;
  #collectedAt = 0;
  /** The least since the last collection. */
  #low = Number.POSITIVE_INFINITY;

  constructor(parts: OutsideMemoryParts, limits: OutsideMemoryLimits = PROCESS_LIMITS) {
    this.#parts = parts;
    this.#limits = limits;
  }

  /** Asked when an entry is over. @returns whether to collect: not for less than a collection, which takes the longer the larger the heap is */
  isDue(): boolean {
    const { minGarbageBytes, lookEvery, collectEvery } = this.#limits;
    if (++this.#asked % lookEvery !== 0) return false;
    const { used_heap_size, external_memory } = this.#parts.read();
    this.#low = Math.min(this.#low, external_memory);
    if (this.#asked - this.#collectedAt < collectEvery) return false;
    return external_memory - this.#low > Math.max(minGarbageBytes, used_heap_size);
  }

  /** What is still there after that is in use. */
  collect(): void {
    this.#parts.collect();
    this.#collectedAt = this.#asked;
    this.#low = this.#parts.read().external_memory;
  }
}

let collector: NodeJS.GCFunction | undefined;

/** Of this process, whose heap the texts that all its isolates return end up in. */
export const outsideMemory = new OutsideMemory({
  read: getHeapStatistics,
  collect() {
    // At the first use: where this process was not started with it, it is a context more.
    collector ??= findCollector();
    collector();
  },
});
