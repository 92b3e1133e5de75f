/**
 * The memory that the host shares with the guest of one isolate:
 *
 *   i32 running │ begun │ results │ binary │ pending │ late │ timer │ unused │ f64 entered │ calls │ results
 *
 * One of them runs at a time: the host writes the calls and its time before an entry, the guest all else during it.
 */
import { CALL_BYTES, CallRecords, MAX_BATCH } from "./call-record.ts";
import { MAX_RESULTS, RESULT_BYTES, ResultRecords } from "./result-record.ts";

const RUNNING = 0;
const BEGUN = 1;
const RESULTS = 2;
const BINARY = 3;
const PENDING = 4;
const LATE = 5;
const TIMER = 6;
const HEAD_INTS = 8;

const ENTERED_AT = HEAD_INTS * 4;
const CALLS_AT = ENTERED_AT + 8;
const RESULTS_AT = CALLS_AT + MAX_BATCH * CALL_BYTES;

export const SHARED_BYTES = RESULTS_AT + MAX_RESULTS * RESULT_BYTES;

/** `resultCount` of an entry that the guest has not ended. */
const UNSEALED = -1;

export class SharedMemory {
  readonly calls: CallRecords;
  readonly results: ResultRecords;
  readonly #head: Int32Array;
  readonly #entered: Float64Array;

  /** @param memory `SHARED_BYTES` long. */
  constructor(memory: ArrayBufferLike) {
    this.#head = new Int32Array(memory, 0, HEAD_INTS);
    this.#entered = new Float64Array(memory, ENTERED_AT, 1);
    this.calls = new CallRecords(memory, CALLS_AT, MAX_BATCH);
    this.results = new ResultRecords(memory, RESULTS_AT, MAX_RESULTS);
  }

  /** Id of the call whose code runs right now; `NO_CALL`: none, or code that no call can be named for. */
  get running(): number {
    return this.#head[RUNNING] as number;
  }

  set running(id: number) {
    this.#head[RUNNING] = id;
  }

  /** When this entry began, on the machine's clock. */
  get enteredAt(): number {
    return this.#entered[0] as number;
  }

  set enteredAt(time: number) {
    this.#entered[0] = time;
  }

  /** How many records of this entry have been begun. */
  get begun(): number {
    return this.#head[BEGUN] as number;
  }

  set begun(count: number) {
    this.#head[BEGUN] = count;
  }

  /** How many results the entry has written. */
  get resultCount(): number {
    return this.#head[RESULTS] as number;
  }

  set resultCount(count: number) {
    this.#head[RESULTS] = count;
  }

  /** The host does so before an entry; the guest says how many results there are when it ends the entry. */
  unseal(): void {
    this.#head[RESULTS] = UNSEALED;
  }

  get isUnsealed(): boolean {
    return this.#head[RESULTS] === UNSEALED;
  }

  /** Bytes of binary that wait for the `takeBinary` entry. */
  get binaryBytes(): number {
    return this.#head[BINARY] as number;
  }

  set binaryBytes(count: number) {
    this.#head[BINARY] = count;
  }

  /** Calls whose promise is pending. */
  get pending(): number {
    return this.#head[PENDING] as number;
  }

  set pending(count: number) {
    this.#head[PENDING] = count;
  }

  /** Results, and news of pending calls, that wait for the `drain` entry. */
  get late(): number {
    return this.#head[LATE] as number;
  }

  set late(count: number) {
    this.#head[LATE] = count;
  }

  /** Whether the `setTime` entry has run a timer: there may be more. */
  get hasRunTimer(): boolean {
    return this.#head[TIMER] !== 0;
  }

  set hasRunTimer(has: boolean) {
    this.#head[TIMER] = has ? 1 : 0;
  }
}
