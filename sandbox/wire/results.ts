/**
 * The body of a `results` frame:
 *
 *   u32 instance │ u32 count │ u32 textBytes │ u32 binaryBytes │ u32 spentUs │
 *   count result records │ texts and sessions as UTF-8 │ binaries
 */
import { FRAME_KIND, type FrameWriter } from "./frames.ts";
import { HostNonsense } from "./nonsense.ts";
import { MAX_RESULTS, NO_SESSION, RESULT_BYTES, RESULT_KIND, ResultRecords } from "./result-record.ts";
import { MAX_SESSION_LENGTH } from "./verdicts.ts";

const INSTANCE_AT = 0;
const COUNT_AT = 4;
const TEXT_BYTES_AT = 8;
const BINARY_BYTES_AT = 12;
const SPENT_AT = 16;
const RECORDS_AT = 20;
/** A character of UTF-16 takes three bytes of UTF-8 at most. */
const MAX_SESSION_BYTES = MAX_SESSION_LENGTH * 3;

/** What an entry has left: the first `count` records, their texts in one string. */
export interface EntryResults {
  readonly count: number;
  readonly records: ResultRecords;
  readonly text: string;
  readonly binary: Uint8Array | undefined;
  /** Microseconds in the isolate since the last frame. */
  readonly spentUs: number;
}

export function encodeResults(out: FrameWriter, instance: number, results: EntryResults): void {
  const { count, text, binary, spentUs } = results;
  let { records } = results;
  const recordBytes = count * RESULT_BYTES;
  const binaryBytes = binary?.length ?? 0;
  const body = out.open(RECORDS_AT + recordBytes + text.length * 3 + binaryBytes);
  const { bytes } = out;
  const textStart = body + RECORDS_AT + recordBytes;
  let textBytes = bytes.write(text, textStart);
  // When a string has as many bytes as units, so has every part of it.
  if (textBytes !== text.length) {
    records = copyOf(records, count);
    textBytes = writeTexts(bytes, textStart, text, records);
  }
  bytes.set(records.bytes.subarray(0, recordBytes), body + RECORDS_AT);
  if (binary) bytes.set(binary, textStart + textBytes);
  bytes.writeUInt32LE(instance, body + INSTANCE_AT);
  bytes.writeUInt32LE(count, body + COUNT_AT);
  bytes.writeUInt32LE(textBytes, body + TEXT_BYTES_AT);
  bytes.writeUInt32LE(binaryBytes, body + BINARY_BYTES_AT);
  bytes.writeUInt32LE(spentUs, body + SPENT_AT);
  out.seal(FRAME_KIND.results, textStart + textBytes + binaryBytes);
}

/**
 * The body of a frame that says of one call what needs no text, as that its message stays as it is: for a client in the same
 * process, which is told of it without the rest of the frame. It is read as strictly, and used again for each.
 */
export class LoneResult {
  readonly #memory = new ArrayBuffer(RECORDS_AT + RESULT_BYTES);
  readonly #head = new Uint32Array(this.#memory);
  readonly #records = new ResultRecords(this.#memory, RECORDS_AT, 1);
  readonly #bytes = Buffer.from(this.#memory);
  #isEmpty = true;

  get isEmpty(): boolean {
    return this.#isEmpty;
  }

  write(instance: number, records: ResultRecords, spentUs: number): void {
    this.#isEmpty = false;
    this.#head[INSTANCE_AT / 4] = instance;
    this.#head[COUNT_AT / 4] = 1;
    this.#head[SPENT_AT / 4] = spentUs;
    this.#records.copyOne(records);
  }

  /** @returns valid until the next one is written */
  take(): Buffer {
    this.#isEmpty = true;
    return this.#bytes;
  }
}

function copyOf(records: ResultRecords, count: number): ResultRecords {
  const copy = new ResultRecords(new ArrayBuffer(count * RESULT_BYTES), 0, count);
  copy.bytes.set(records.bytes.subarray(0, copy.bytes.length));
  return copy;
}

/** Not ASCII: write each text by itself, and its length in bytes into its record. */
function writeTexts(bytes: Buffer, start: number, text: string, records: ResultRecords): number {
  let units = 0;
  let at = start;
  const write = (length: number) => {
    const written = bytes.write(text.slice(units, units + length), at);
    units += length;
    at += written;
    return written;
  };
  for (let i = 0; i * RESULT_BYTES < records.bytes.length; i++) {
    const textLength = records.textLength(i);
    if (textLength > 0) records.setTextLength(i, write(textLength));
    const sessionLength = records.sessionLength(i);
    if (sessionLength > 0) records.setSessionLength(i, write(sessionLength));
  }
  return at - start;
}

/** One result of a frame. Written over for the next: take what is to be kept. */
export interface ReceivedResult {
  instance: number;
  id: number;
  /** A `RESULT_KIND`. */
  kind: number;
  /** The chunk that all of this lies in. */
  bytes: Buffer;
  textStart: number;
  textLength: number;
  /** `NO_SESSION`: the checkpoint has not changed. */
  sessionLength: number;
  binaryStart: number;
  binaryLength: number;
  /** Microseconds in the isolate: an even share of what all results of the frame took. */
  spentUs: number;
}

/**
 * Every number is looked at before it is used: what is handed on lies inside of its own frame. Results before the first
 * wrong one have been handed on when that throws a `HostNonsense`.
 */
export function createResultsDecoder(
  onResult: (one: ReceivedResult) => void,
): (bytes: Buffer, body: number, end: number) => void {
  const one = { instance: 0, id: 0, kind: 0, bytes: Buffer.alloc(0) } as ReceivedResult;
  // In a chunk they would not be aligned.
  const memory = new ArrayBuffer(MAX_RESULTS * RESULT_BYTES);
  const records = new ResultRecords(memory, 0, MAX_RESULTS);
  const first = new Int32Array(memory, 0, RESULT_BYTES / 4);

  return (bytes, body, end) => {
    const start = body + RECORDS_AT;
    if (start > end) throw new HostNonsense("a frame of results ends in its head");
    const count = bytes.readUInt32LE(body + COUNT_AT);
    const textStart = start + count * RESULT_BYTES;
    const binaryStart = textStart + bytes.readUInt32LE(body + TEXT_BYTES_AT);
    if (count === 0 || count > MAX_RESULTS) throw new HostNonsense(`a frame of ${count} results`);
    if (binaryStart + bytes.readUInt32LE(body + BINARY_BYTES_AT) !== end)
      throw new HostNonsense("the parts of a frame of results are not as long as the frame");
    // A loop costs less than a view of so little.
    if (count === 1) for (let i = 0; i < first.length; i++) first[i] = bytes.readInt32LE(start + i * 4);
    else records.bytes.set(bytes.subarray(start, textStart));
    one.instance = bytes.readUInt32LE(body + INSTANCE_AT);
    one.bytes = bytes;
    one.textStart = textStart;
    one.binaryStart = binaryStart;
    one.spentUs = bytes.readUInt32LE(body + SPENT_AT) / count;
    for (let i = 0; i < count; i++) {
      one.id = records.id(i);
      one.kind = records.kind(i);
      one.textLength = records.textLength(i);
      one.sessionLength = records.sessionLength(i);
      one.binaryLength = records.binaryLength(i);
      const textEnd = one.textStart + one.textLength + Math.max(0, one.sessionLength);
      const binaryEnd = one.binaryStart + one.binaryLength;
      if (!isRight(one) || textEnd > binaryStart || binaryEnd > end)
        throw new HostNonsense(`a result that cannot be: ${describe(one)}`);
      onResult(one);
      one.textStart = textEnd;
      one.binaryStart = binaryEnd;
    }
    if (one.textStart !== binaryStart || one.binaryStart !== end)
      throw new HostNonsense("a frame holds more than its results");
  };
}

function isRight({ id, kind, textLength, sessionLength, binaryLength }: ReceivedResult): boolean {
  return (
    id >= 0 &&
    kind >= RESULT_KIND.unchanged &&
    kind <= RESULT_KIND.excerpts &&
    textLength >= 0 &&
    sessionLength >= NO_SESSION &&
    sessionLength <= MAX_SESSION_BYTES &&
    binaryLength >= 0
  );
}

function describe({ id, kind, textLength, sessionLength, binaryLength }: ReceivedResult): string {
  return `id ${id}, kind ${kind}, lengths ${textLength}, ${sessionLength}, ${binaryLength}`;
}

export function textBytesOf({ bytes, textStart, textLength }: ReceivedResult): Buffer {
  return bytes.subarray(textStart, textStart + textLength);
}

export function stringOf({ bytes, textStart, textLength }: ReceivedResult): string {
  return bytes.toString("utf8", textStart, textStart + textLength);
}

export function binaryOf({ bytes, binaryStart, binaryLength }: ReceivedResult): Buffer {
  return bytes.subarray(binaryStart, binaryStart + binaryLength);
}

/** The checkpoint of the session that came with the result. */
export function sessionOf({
  bytes,
  textStart,
  textLength,
  sessionLength,
}: ReceivedResult): string | undefined {
  if (sessionLength < 0) return undefined;
  const start = textStart + textLength;
  return bytes.toString("utf8", start, start + sessionLength);
}
