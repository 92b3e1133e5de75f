/**
 * What became of one call, as a row of five int32s:
 *
 *   id │ kind │ text │ session │ binary
 *
 * The last three are lengths. A record's text, followed by the checkpoint of its session, lies end to end with those of
 * the other records, elsewhere, and so does its binary. The length of a text counts UTF-16 units in the isolate and bytes
 * of UTF-8 on the socket, whichever the text is in.
 */

/** Most results of one frame. More wait in the guest for the next entry. */
export const MAX_RESULTS = 512;

/** The length of a session whose checkpoint has not changed. */
export const NO_SESSION = -1;

export const RESULT_KIND = {
  unchanged: 0,
  /** The text is the new body. */
  text: 1,
  /** The text is the new body, of a message that is binary. */
  textAsBinary: 2,
  /** The binary is the new body. */
  binary: 3,
  /** The text is the JSON of a `WireMessageVerdict`, the binary holds its binary bodies end to end. */
  message: 4,
  /** The text is the JSON of a `CheckedUpgradeVerdict`. */
  upgrade: 5,
  /** The text is the JSON of a `HookFault`. */
  fault: 6,
  /** Not a result: the hook has returned a promise that is still pending. */
  pending: 7,
  /** The text is that of an edit: see `WireMessageVerdict`. */
  edit: 8,
  /** The text is the JSON of a `WireInitiative`, the binary holds its binary bodies end to end. */
  initiative: 9,
  /** The text is the JSON of a `CheckedUnavailableVerdict`. */
  unavailable: 10,
  /** The text is the new body, with excerpts of the message in it: see `excerpts.ts`. */
  excerpts: 11,
} as const;

export type ResultKind = (typeof RESULT_KIND)[keyof typeof RESULT_KIND];

export interface ResultRecord {
  id: number;
  kind: number;
  textLength: number;
  /** Or `NO_SESSION`. */
  sessionLength: number;
  binaryLength: number;
}

const ID = 0;
const KIND = 1;
const TEXT = 2;
const SESSION = 3;
const BINARY = 4;
const INTS = 5;

export const RESULT_BYTES = INTS * 4;

/** Records in memory, which may be shared: a view, column by column. */
export class ResultRecords {
  readonly bytes: Uint8Array;
  readonly #ints: Int32Array;

  /** @param start A multiple of 4. */
  constructor(memory: ArrayBufferLike, start: number, count: number) {
    this.bytes = new Uint8Array(memory, start, count * RESULT_BYTES);
    this.#ints = new Int32Array(memory, start, count * INTS);
  }

  write(index: number, record: ResultRecord): void {
    const at = index * INTS;
    const ints = this.#ints;
    ints[at + ID] = record.id;
    ints[at + KIND] = record.kind;
    ints[at + TEXT] = record.textLength;
    ints[at + SESSION] = record.sessionLength;
    ints[at + BINARY] = record.binaryLength;
  }

  /** Take over the other's first record. */
  copyOne(other: ResultRecords): void {
    for (let i = 0; i < INTS; i++) this.#ints[i] = other.#ints[i] as number;
  }

  id(index: number): number {
    return this.#ints[index * INTS + ID] as number;
  }

  kind(index: number): number {
    return this.#ints[index * INTS + KIND] as number;
  }

  textLength(index: number): number {
    return this.#ints[index * INTS + TEXT] as number;
  }

  setTextLength(index: number, length: number): void {
    this.#ints[index * INTS + TEXT] = length;
  }

  sessionLength(index: number): number {
    return this.#ints[index * INTS + SESSION] as number;
  }

  setSessionLength(index: number, length: number): void {
    this.#ints[index * INTS + SESSION] = length;
  }

  binaryLength(index: number): number {
    return this.#ints[index * INTS + BINARY] as number;
  }
}
