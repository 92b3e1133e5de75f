import type { Writable } from "node:stream";
import type { TrafficConfig } from "../../config/index.ts";
import type { Batch } from "./batch.ts";
import type { BatchTaker } from "./batch-writer.ts";
import { encodeBatchHead } from "./layout.ts";

export interface BatchOutboxOptions {
  /** To the supervisor. */
  readonly pipe: Writable;
  /** What the supervisor keeps. As much is held back here at most, the oldest make room; with a file or sinks nothing is. */
  readonly kept: KeptTraffic;
  readonly now?: () => number;
}

export type KeptTraffic = Pick<TrafficConfig, "file" | "isForwarded" | "maxBytes" | "maxRecords">;

/**
 * What a worker has recorded, on its way to the supervisor.
 *
 * Moderate traffic goes at once. Of a flood the newest stays here until somebody wants to see it (`collect`): the
 * supervisor would keep no more of it than fits in here, so sending the rest would be work for nothing.
 */
export class BatchOutbox implements BatchTaker {
  readonly #options: BatchOutboxOptions;
  readonly #now: () => number;
  #kept: KeptTraffic;
  #held: Batch[] = [];
  #heldBytes = 0;
  #heldRecords = 0;
  #tokens = BURST_BYTES;
  #filledAt: number;
  #timer: NodeJS.Timeout | undefined;
  #spares: Buffer<ArrayBuffer>[] = [];

  constructor(options: BatchOutboxOptions) {
    this.#options = options;
    this.#kept = options.kept;
    this.#now = options.now ?? (() => performance.now());
    this.#filledAt = this.#now();
  }

  take(batch: Batch): boolean {
    if (batch.purpose === "log" || leavesAtOnce(this.#kept)) return this.#send(batch);
    this.#held.push(batch);
    this.#heldBytes += batch.bytes.length;
    this.#heldRecords += batch.records;
    this.#sendWithinBudget();
    this.#forgetOldest();
    if (this.#held.length > 0) {
      this.#timer ??= setTimeout(() => {
        this.#timer = undefined;
        this.#sendWithinBudget();
      }, RETRY_MS).unref();
    }
    return true;
  }

  suit(kept: KeptTraffic): void {
    this.#kept = kept;
    if (leavesAtOnce(kept)) this.#sendHeld();
    else this.#forgetOldest();
  }

  /** A buffer to write the next batch in, if there is one that nobody needs any more. */
  spare(): Buffer<ArrayBuffer> | undefined {
    return this.#spares.pop();
  }

  /** Send all that is held, and then this mark. */
  collect(mark: number): void {
    this.#sendHeld();
    this.#write({ ...emptyBatch, mark });
  }

  #sendHeld(): void {
    for (let batch = this.#shift(); batch !== undefined; batch = this.#shift()) this.#write(batch);
  }

  /** @returns false when the supervisor is so far behind that the batch is lost */
  #send(batch: Batch): boolean {
    const { pipe } = this.#options;
    if (pipe.destroyed || pipe.writableLength > MAX_WAITING_BYTES) return false;
    this.#write(batch);
    return true;
  }

  #sendWithinBudget(): void {
    const now = this.#now();
    const filled = this.#tokens + ((now - this.#filledAt) / 1000) * BYTES_PER_SECOND;
    this.#tokens = Math.min(BURST_BYTES, filled);
    this.#filledAt = now;
    for (let [next] = this.#held; next !== undefined && this.#affords(next); [next] = this.#held) {
      this.#shift();
      this.#tokens -= next.bytes.length;
      this.#write(next);
    }
  }

  /** One that is larger than all that may go at once goes into debt: it would be in the way of all behind it for ever. */
  #affords({ bytes }: Batch): boolean {
    return bytes.length <= this.#tokens || this.#tokens === BURST_BYTES;
  }

  #forgetOldest(): void {
    const { maxBytes, maxRecords } = this.#kept;
    while (this.#heldBytes > maxBytes || this.#heldRecords > maxRecords) {
      const oldest = this.#shift();
      if (oldest === undefined) return;
      this.#keepSpare(oldest.bytes);
    }
  }

  #shift(): Batch | undefined {
    const batch = this.#held.shift();
    if (batch === undefined) return undefined;
    this.#heldBytes -= batch.bytes.length;
    this.#heldRecords -= batch.records;
    return batch;
  }

  #write(batch: Batch): void {
    const { pipe } = this.#options;
    if (pipe.destroyed) return;
    pipe.cork();
    pipe.write(encodeBatchHead(batch));
    if (batch.bytes.length > 0) pipe.write(batch.bytes, () => this.#keepSpare(batch.bytes));
    pipe.uncork();
  }

  #keepSpare(bytes: Buffer): void {
    if (this.#spares.length < MOST_SPARES) this.#spares.push(Buffer.from(bytes.buffer as ArrayBuffer));
  }
}

/** Whether what is recorded is wanted whether or not somebody looks. */
function leavesAtOnce({ file, isForwarded }: KeptTraffic): boolean {
  return file !== undefined || isForwarded === true;
}

/** So much goes to the supervisor unasked: five thousand small frames a second. */
const BYTES_PER_SECOND = 512 * 1024;
const BURST_BYTES = 1024 * 1024;

const RETRY_MS = 100;

/** Above this the supervisor cannot keep up: what must go at once is lost, not kept in the worker's memory. */
const MAX_WAITING_BYTES = 8 * 1024 * 1024;

const MOST_SPARES = 8;

const emptyBatch: Batch = {
  bytes: Buffer.alloc(0),
  records: 0,
  dropped: 0,
  worker: "",
  routes: [],
  purpose: "store",
};
