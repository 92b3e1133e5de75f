import type { Payload } from "../../contract/hooks.ts";
import { readInteger, readList, readObject, readText, wrong } from "../../wire/shapes.ts";
import { MAX_BODIES_SHARE, MAX_MESSAGES } from "../../wire/verdicts.ts";

/** The bodies of one verdict, made anew of what the host says. Its methods throw a `HostNonsense`. */
export class BodyReader {
  readonly #binary: Uint8Array;
  readonly #maxBytes: number;
  #at = 0;
  #left: number;

  /** @param binary the binary bodies, end to end */
  constructor(binary: Uint8Array, maxBytes: number) {
    this.#binary = binary;
    this.#maxBytes = maxBytes;
    this.#left = maxBytes * MAX_BODIES_SHARE;
  }

  read = (json: unknown): Payload => {
    const payload = this.#payloadOf(readObject(json, "a body"));
    const { length } = payload.bytes;
    if (length > this.#maxBytes) throw wrong("a body", `at most ${this.#maxBytes} bytes`, length);
    this.#left -= length;
    if (this.#left < 0) throw wrong("all bodies", `at most ${MAX_BODIES_SHARE} times as large`, undefined);
    return payload;
  };

  readAll(json: unknown, what: string): readonly Payload[] {
    return json === undefined ? NONE : readList(json, what, MAX_MESSAGES).map(this.read);
  }

  end(): void {
    if (this.#at !== this.#binary.length) throw wrong("the bytes", `${this.#at}`, this.#binary.length);
  }

  /** What is not read yet: the bodies of a verdict that goes along with this one. */
  rest(): Uint8Array {
    return this.#binary.subarray(this.#at);
  }

  #payloadOf({ t, u, b }: Readonly<Record<string, unknown>>): Payload {
    if (b !== undefined) return { binary: true, bytes: this.#take(b) };
    const isText = t !== undefined;
    return { binary: !isText, bytes: Buffer.from(readText(isText ? t : u, "a body", this.#maxBytes)) };
  }

  #take(length: unknown): Uint8Array {
    const from = this.#at;
    this.#at += readInteger(length, "the bytes of a body", 0, this.#binary.length - from);
    return this.#binary.subarray(from, this.#at);
  }
}

const NONE: readonly Payload[] = [];
