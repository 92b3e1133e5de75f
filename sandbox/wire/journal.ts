/**
 * The journal: a file without a name that outlives the host. Before each entry the host notes at its beginning what it is
 * about to run, as int32s:
 *
 *   state │ instance │ count │ entry │ limit │ ids of so many calls
 *
 * The client looks at it while the host runs, too: an entry, told from all others by its number, that takes much more
 * of the CPU than its limit of milliseconds hangs.
 */
import { type CallRecords, MAX_BATCH } from "./call-record.ts";

export const JOURNAL_STATE = { idle: 0, load: 1, run: 2, continue: 3 } as const;

export interface JournalNote {
  readonly state: number;
  readonly instance: number;
  readonly ids: readonly number[];
}

const STATE = 0;
const INSTANCE = 1;
const COUNT = 2;
const ENTRY_NUMBER = 3;
const LIMIT = 4;
const IDS = 5;
/** What is to be read to know of an entry without its calls. */
export const JOURNAL_HEADER_BYTES = IDS * 4;
const INTS = IDS + MAX_BATCH;
/** As long as the file can be. */
export const JOURNAL_BYTES = INTS * 4;

/** A note as the bytes of the file: `bytes` holds the last that was written. */
export class JournalPage {
  readonly bytes: Uint8Array;
  readonly #ints: Int32Array;

  constructor() {
    this.#ints = new Int32Array(INTS);
    this.bytes = new Uint8Array(this.#ints.buffer);
  }

  get state(): number {
    return this.#ints[STATE] as number;
  }

  /** Of the entry that is noted; 0: nothing runs. */
  get entry(): number {
    return this.state === JOURNAL_STATE.idle ? 0 : (this.#ints[ENTRY_NUMBER] as number);
  }

  get limitMs(): number {
    return this.#ints[LIMIT] as number;
  }

  /** What is written next may take so long. */
  limit(limitMs: number): void {
    this.#ints[ENTRY_NUMBER] = ((this.#ints[ENTRY_NUMBER] as number) + 1) & 0x7fff_ffff || 1;
    this.#ints[LIMIT] = Math.min(limitMs, 0x7fff_ffff);
  }

  /**
   * @param count So many calls, from the first.
   * @returns how many bytes say it
   */
  write(state: number, instance: number, calls?: CallRecords, count = 0): number {
    const ints = this.#ints;
    ints[STATE] = state;
    ints[INSTANCE] = instance;
    ints[COUNT] = count;
    for (let i = 0; calls && i < count; i++) ints[IDS + i] = calls.id(i);
    return (IDS + count) * 4;
  }

  read(): JournalNote {
    const ints = this.#ints;
    const count = ints[COUNT] as number;
    return {
      state: ints[STATE] as number,
      instance: ints[INSTANCE] as number,
      ids: [...ints.subarray(IDS, IDS + count)],
    };
  }
}
