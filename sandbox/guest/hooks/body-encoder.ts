import { MAX_BODIES_SHARE, MAX_MESSAGES, type WireBody } from "../../wire/verdicts.ts";
import { utf8Length, viewBytes } from "../globals/text.ts";
import { lengthOf } from "./plain-json.ts";
import type { BodyType } from "./seat.ts";
import { expected, serialise, tooLarge, VerdictError } from "./verdict-error.ts";

/** What a body of such a type is expected to be. */
export const JSON_BODY = "a string, bytes or a value that JSON can hold";

/** The bodies of one verdict: checked, counted together, and their bytes end to end. */
export class BodyEncoder {
  readonly #isBinary: boolean;
  readonly #maxBytes: number;
  #binaries: Uint8Array[] | undefined;
  #binaryLength = 0;
  /** Of all bodies of this verdict. */
  #left: number;

  /** @param isBinary what is serialised is sent so */
  constructor(isBinary: boolean, maxBytes: number) {
    this.#isBinary = isBinary;
    this.#maxBytes = maxBytes;
    this.#left = maxBytes * MAX_BODIES_SHARE;
  }

  encode(body: unknown, type: BodyType, path: string): WireBody {
    if (typeof body === "string") {
      this.#checkText(body, path);
      return { t: body };
    }
    if (body instanceof ArrayBuffer || ArrayBuffer.isView(body)) {
      const view = viewBytes(body, path);
      if (view.length > this.#maxBytes) throw tooLarge(path, view.length, this.#maxBytes);
      this.#spend(view.length);
      const copy = new Uint8Array(view.length);
      copy.set(view);
      this.#keep(copy);
      return { b: copy.length };
    }
    const text = this.#serialise(body, type, path);
    this.#checkText(text, path);
    return this.#isBinary ? { u: text } : { t: text };
  }

  encodeList(list: unknown, type: BodyType, path: string): WireBody[] {
    if (!Array.isArray(list)) throw expected(path, "an array of bodies", list);
    const length = lengthOf(list, path);
    if (length > MAX_MESSAGES) throw expected(path, `at most ${MAX_MESSAGES} bodies`, list);
    const out: WireBody[] = [];
    for (let i = 0; i < length; i++) out.push(this.encode(list[i], type, `${path}[${i}]`));
    return out;
  }

  /** Bytes of another verdict that goes along with this one, behind those of this one. */
  follow(binary: Uint8Array | undefined): void {
    if (binary === undefined) return;
    this.#spend(binary.length);
    this.#keep(binary);
  }

  takeBinary(): Uint8Array | undefined {
    if (!this.#binaries || this.#binaries.length < 2) return this.#binaries?.[0];
    const all = new Uint8Array(this.#binaryLength);
    let at = 0;
    for (const binary of this.#binaries) {
      all.set(binary, at);
      at += binary.length;
    }
    return all;
  }

  #keep(binary: Uint8Array): void {
    this.#binaries ??= [];
    this.#binaries.push(binary);
    this.#binaryLength += binary.length;
  }

  #serialise(body: unknown, { name, isJson }: BodyType, path: string): string {
    const wanted = isJson ? JSON_BODY : `a string or bytes for type ${name}`;
    if (!isJson || body === undefined) throw expected(path, wanted, body);
    return serialise(path, wanted, body);
  }

  /** A text that is short enough whatever it holds is not measured, and counts as what it may be at least. */
  #checkText(text: string, path: string): void {
    let { length } = text;
    if (length * 3 > this.#maxBytes) {
      length = utf8Length(text);
      if (length > this.#maxBytes) throw tooLarge(path, length, this.#maxBytes);
    }
    this.#spend(length);
  }

  #spend(length: number): void {
    this.#left -= length;
    if (this.#left < 0) throw allTooLarge(this.#maxBytes);
  }
}

export function allTooLarge(max: number): VerdictError {
  return new VerdictError(
    `expected all bodies of the verdict together to be at most ${MAX_BODIES_SHARE} times as large as one may be (${max} bytes, \`maxMessageSize\`)`,
  );
}
