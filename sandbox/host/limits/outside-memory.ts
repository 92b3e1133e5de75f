import { getHeapStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

export interface OutsideMemoryParts {
  /** What V8's own heap takes, and what its objects hold outside of it, in bytes. */
  read(): { readonly used_heap_size: number; readonly external_memory: number };
  collect(): void;
}

/** Entries between two looks, which cost as much as a short entry. */
const LOOK_EVERY = 20;
const MIN_GARBAGE_BYTES = 64 * 1024 * 1024;

/**
 * What this process's objects hold outside of V8's heap. A text of 1 KiB or more that leaves an isolate is an external string
 * here: it is among the old objects from the beginning, so that nothing but a collection of all of them frees it, and its
 * bytes do not make V8 begin one. Buffers that come and go would; there are none where their memory is used again. So who
 * enters isolates looks from time to time, and collects.
 */
export class OutsideMemory {
  readonly #parts: OutsideMemoryParts;
  #entries = 0;
  /** The least since the last collection. */
  #low = Number.POSITIVE_INFINITY;

  constructor(parts: OutsideMemoryParts) {
    this.#parts = parts;
  }

  /** An entry is over. @returns whether to collect: not for less than a collection, which takes the longer the larger the heap is */
  isDue(): boolean {
    if (++this.#entries % LOOK_EVERY !== 0) return false;
    const { used_heap_size, external_memory } = this.#parts.read();
    this.#low = Math.min(this.#low, external_memory);
    return external_memory - this.#low > Math.max(MIN_GARBAGE_BYTES, used_heap_size);
  }

  /** What is still there after that is in use. */
  collect(): void {
    this.#parts.collect();
    this.#low = this.#parts.read().external_memory;
  }
}

let collector: NodeJS.GCFunction | undefined;

/** Of this process, whose heap the texts of all its isolates end up in. */
export const outsideMemory = new OutsideMemory({
  read: getHeapStatistics,
  collect() {
    collector ??= findCollector();
    collector();
  },
});

/** At the first use: a context more, which most hosts never need. */
function findCollector(): NodeJS.GCFunction {
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc") as NodeJS.GCFunction;
}
