import { JSON_SKIP_CODE } from "./json-skip-code.ts";

/**
 * Skips long values of JSON in bytes, by code in WebAssembly (`assembly/skip.ts`) that takes many bytes at a time. A part of
 * them is copied into its memory at a time, for all values that lie there: little at first, for nobody may ask for the rest.
 * Where there is no WebAssembly, or no room for its memory, it is not sure of any value.
 */
export class JsonSkip {
  readonly #open: () => SkipCode;
  readonly #firstBytes: number;
  #code: SkipCode | undefined;
  #memory: Uint8Array = noBytes;
  #isTried = false;

  #bytes: Uint8Array = noBytes;
  #end = 0;
  #ticket = 0;
  // The part that is there: places in the bytes.
  #partStart = 0;
  #partEnd = 0;
  #nextBytes = 0;

  constructor(open: () => SkipCode = openCode, firstBytes: number = FIRST_BYTES) {
    this.#open = open;
    this.#firstBytes = firstBytes;
  }

  /** From now on it is about `bytes[0..end)`. @returns what says whether it still is */
  hold(bytes: Uint8Array, end: number): number {
    this.#bytes = bytes;
    this.#end = end;
    this.#partStart = 0;
    this.#partEnd = 0;
    this.#nextBytes = this.#firstBytes;
    return ++this.#ticket;
  }

  holds(ticket: number): boolean {
    return ticket === this.#ticket;
  }

  /** Nobody asks for them any more. */
  letGo(ticket: number): void {
    if (!this.holds(ticket)) return;
    this.#bytes = noBytes;
    this.#ticket++;
  }

  /** There are escapes in what was skipped last. */
  get hadEscapes(): boolean {
    return this.#code?.hadEscapes() === 1;
  }

  /**
   * What is left of lists and objects, from a value in the innermost of them on.
   *
   * @param depth of them, 32 at most; 0: `from` is the bracket of one
   * @param levels a bit for each list (0) and object (1), the innermost the lowest
   * @returns the place behind the outermost; -1: it is no JSON; -2: not known
   */
  skipNested(from: number, depth: number, levels: number): number {
    const code = this.#codeOf();
    if (code === undefined) return UNSURE;
    code.begin(depth, levels);
    let at = from;
    for (;;) {
      this.#moveTo(at);
      const place = code.skipNested(at - this.#partStart, this.#partEnd - this.#partStart);
      if (place !== MORE) return this.#placeOf(place);
      if (this.#partEnd === this.#end) return REFUSED;
      at = this.#partStart + code.reached();
    }
  }

  /** What is left of a string, from behind its first quote or a character of it. @returns as above */
  skipQuoted(from: number): number {
    const code = this.#codeOf();
    if (code === undefined) return UNSURE;
    code.begin(0, 0);
    let at = from;
    for (;;) {
      this.#moveTo(at);
      const place = code.skipQuoted(at - this.#partStart, this.#partEnd - this.#partStart);
      if (place !== MORE) return this.#placeOf(place);
      if (this.#partEnd === this.#end) return REFUSED;
      at = this.#partStart + code.reached();
    }
  }

  #placeOf(place: number): number {
    return place < 0 ? place : place + this.#partStart;
  }

  /** The part that `at` lies in. */
  #moveTo(at: number): void {
    if (at >= this.#partStart && at < this.#partEnd) return;
    const left = this.#end - at;
    const size = Math.min(left, this.#nextBytes);
    const copied = Math.min(left, size + AHEAD_BYTES);
    this.#memory.set(new Uint8Array(this.#bytes.buffer, this.#bytes.byteOffset + at, copied));
    this.#memory.fill(0, copied, copied + AHEAD_BYTES);
    this.#partStart = at;
    this.#partEnd = at + size;
    this.#nextBytes = Math.min(2 * this.#nextBytes, MOST_BYTES);
  }

  #codeOf(): SkipCode | undefined {
    if (this.#isTried) return this.#code;
    this.#isTried = true;
    try {
      this.#code = this.#open();
      this.#memory = new Uint8Array(this.#code.memory.buffer);
    } catch {
      // What asks goes on without it.
    }
    return this.#code;
  }
}

interface SkipCode {
  readonly memory: { readonly buffer: ArrayBuffer };
  begin(depth: number, levels: number): void;
  skipNested(from: number, to: number): number;
  skipQuoted(from: number, to: number): number;
  reached(): number;
  hadEscapes(): number;
}

/** Node has it, and its types do not say so. */
declare const WebAssembly: {
  readonly Module: new (code: Uint8Array) => { readonly isModule: unique symbol };
  readonly Instance: new (module: InstanceType<typeof WebAssembly.Module>) => { readonly exports: SkipCode };
};

export function openCode(): SkipCode {
  return new WebAssembly.Instance(new WebAssembly.Module(Buffer.from(JSON_SKIP_CODE, "base64"))).exports;
}

const noBytes = new Uint8Array(0);
const REFUSED = -1;
/** Of a value: it is for others to look at. */
export const UNSURE = -2;
const MORE = -3;
/** What is there of what comes behind a part, and 0 behind that: the code reads whole blocks, and words of a few bytes. */
const AHEAD_BYTES = 128;
/** The first part of a message, and the largest: half of a page has room for it, and in the other half are the levels. */
const FIRST_BYTES = 4 * 1024;
const MOST_BYTES = 16 * 1024;
