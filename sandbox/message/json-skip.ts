import { JSON_SKIP_CODE } from "./json-skip-code.ts";

/**
 * Skips long values of JSON in bytes, by code in WebAssembly (`assembly/skip.ts`) that takes many bytes at a time. They are
 * copied into its memory, once for all values of a message, which costs next to nothing beside looking at them.
 */
export class JsonSkip {
  #code: SkipCode | undefined;
  #memory = new Uint8Array(0);
  #ticket = 0;
  #base = 0;
  #end = 0;

  /** @returns what says as long as nobody else has held anything here that `bytes[from..to)` are there */
  hold(bytes: Uint8Array, from: number, to: number): number {
    const size = to - from;
    this.#makeRoom(2 * size + BEHIND_BYTES);
    this.#memory.set(bytes.subarray(from, to));
    this.#memory.fill(0, size, size + BEHIND_BYTES);
    this.#base = from;
    this.#end = size;
    return ++this.#ticket;
  }

  holds(ticket: number): boolean {
    return ticket === this.#ticket;
  }

  /** Nobody asks for them any more. */
  letGo(ticket: number): void {
    if (!this.holds(ticket) || this.#memory.length <= KEPT_BYTES) return;
    this.#code = undefined;
    this.#memory = new Uint8Array(0);
    this.#ticket++;
  }

  /** There are escapes in what was skipped last. */
  get hadEscapes(): boolean {
    return this.#code?.hadEscapes() === 1;
  }

  /** A list or an object, from its bracket. @returns the place behind it; -1: it is none */
  skipNested(from: number): number {
    const end = this.#end;
    return this.#placeOf(this.#code?.skipNested(from - this.#base, end, end + BEHIND_BYTES));
  }

  /** A string, from its first quote. @returns the place behind it; -1: it is none */
  skipQuoted(from: number): number {
    return this.#placeOf(this.#code?.skipQuoted(from - this.#base, this.#end));
  }

  #placeOf(place = REFUSED): number {
    return place === REFUSED ? REFUSED : place + this.#base;
  }

  #makeRoom(size: number): void {
    this.#code ??= new WebAssembly.Instance(compiled()).exports;
    const { memory } = this.#code;
    const missing = size - memory.buffer.byteLength;
    if (missing > 0) memory.grow(Math.ceil(missing / PAGE_BYTES));
    if (this.#memory.buffer !== memory.buffer) this.#memory = new Uint8Array(memory.buffer);
  }
}

interface SkipCode {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): void };
  skipNested(from: number, to: number, stack: number): number;
  skipQuoted(from: number, to: number): number;
  hadEscapes(): number;
}

/** Node has it, and its types do not say so. */
declare const WebAssembly: {
  readonly Module: new (code: Uint8Array) => { readonly isModule: unique symbol };
  readonly Instance: new (module: InstanceType<typeof WebAssembly.Module>) => { readonly exports: SkipCode };
};

function compiled(): InstanceType<typeof WebAssembly.Module> {
  return new WebAssembly.Module(Buffer.from(JSON_SKIP_CODE, "base64"));
}

const REFUSED = -1;
const PAGE_BYTES = 64 * 1024;
/** The code reads whole blocks, and words of a few bytes: what lies behind the last is none of the message's, and no JSON. */
const BEHIND_BYTES = 128;
/** More than that is needed for messages of megabytes only, and given back. */
const KEPT_BYTES = 4 * 1024 * 1024;
