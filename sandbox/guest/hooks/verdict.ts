import { RESULT_KIND } from "../../wire/result-record.ts";
import {
  isCloseCode,
  MAX_BODIES_SHARE,
  MAX_MESSAGES,
  MAX_REASON_BYTES,
  type WireBody,
  type WireMessageVerdict,
} from "../../wire/verdicts.ts";
import { utf8Length, viewBytes } from "../globals/text.ts";
import { encodeEdit } from "./edit.ts";
import { lengthOf } from "./plain-json.ts";
import type { EncodedResult } from "./result-box.ts";
import { type BodyType, bodyTypeOf, type GuestSeat } from "./seat.ts";
import { checkKeys, expected, serialise, tooLarge, VerdictError } from "./verdict-error.ts";

const KEYS = "content, drop, reply, append or close";

interface ContentVerdict {
  readonly body?: unknown;
  readonly set?: unknown;
  readonly remove?: unknown;
}

/** @returns one object, written over for each call */
export type MessageVerdictEncoder = (
  value: unknown,
  seat: GuestSeat,
  origin: "client" | "server",
  isBinary: boolean,
) => EncodedResult;

/** Checks what a `client` or `server` hook returned. Getters and Proxies of the policy's run here, inside its timeout. */
export function createMessageVerdictEncoder(maxBytes: number): MessageVerdictEncoder {
  const out: EncodedResult = { kind: RESULT_KIND.unchanged, text: "", binary: undefined };

  return (value, seat, origin, isBinary) => {
    out.kind = RESULT_KIND.unchanged;
    out.text = "";
    out.binary = undefined;
    if (value === undefined || value === null) return out;
    checkKeys(value, "the verdict", isMessageKey, KEYS);
    const verdict = value as Record<string, unknown>;
    const { content, drop, reply, append, close } = verdict;
    const bodies = new BodyEncoder(isBinary, maxBytes);
    const type = bodyTypeOf(seat, origin, isBinary);
    let body: WireBody | undefined;
    let edit: string | undefined;
    if (content !== undefined) {
      checkKeys(content, "`content`", isContentKey, "body, set or remove");
      const { body: own, set, remove } = content as ContentVerdict;
      if (set === undefined && remove === undefined) body = bodies.encode(own, type, "content.body");
      else if (own !== undefined) throw bothGiven();
      else edit = encodeEdit(set, remove, isBinary, maxBytes);
    }
    if (drop !== undefined && typeof drop !== "boolean") throw expected("drop", "true or false", drop);

    if (!drop && reply === undefined && append === undefined && close === undefined) {
      if (body !== undefined) encodeBodyOnly(body, bodies, out);
      else if (edit !== undefined) {
        out.kind = RESULT_KIND.edit;
        out.text = edit;
      }
      return out;
    }
    const wire: { -readonly [Key in keyof WireMessageVerdict]: WireMessageVerdict[Key] } = {};
    if (body) wire.body = body;
    if (edit !== undefined && !drop) wire.edit = edit;
    if (drop) wire.drop = true;
    if (reply !== undefined) {
      // Goes the other way, and so is what the other side sends.
      const replyType = bodyTypeOf(seat, origin === "client" ? "server" : "client", isBinary);
      wire.reply = bodies.encodeList(reply, replyType, "reply");
    }
    if (append !== undefined) wire.append = bodies.encodeList(append, type, "append");
    if (close !== undefined) wire.close = readClose(close);
    out.kind = RESULT_KIND.message;
    out.text = JSON.stringify(wire);
    if (out.text.length > maxBytes * MAX_BODIES_SHARE) throw allTooLarge(maxBytes);
    out.binary = bodies.takeBinary();
    return out;
  };
}

function encodeBodyOnly(body: WireBody, bodies: BodyEncoder, out: EncodedResult): void {
  if ("t" in body) {
    out.kind = RESULT_KIND.text;
    out.text = body.t;
  } else if ("u" in body) {
    out.kind = RESULT_KIND.textAsBinary;
    out.text = body.u;
  } else {
    out.kind = RESULT_KIND.binary;
    out.binary = bodies.takeBinary();
  }
}

class BodyEncoder {
  readonly #isBinary: boolean;
  readonly #maxBytes: number;
  #binaries: Uint8Array[] | undefined;
  #binaryLength = 0;
  /** Of all bodies of this verdict. */
  #left: number;

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
      this.#binaries ??= [];
      this.#binaries.push(copy);
      this.#binaryLength += copy.length;
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

  #serialise(body: unknown, { name, isJson }: BodyType, path: string): string {
    const wanted = isJson
      ? "a string, bytes or a value that JSON can hold"
      : `a string or bytes for type ${name}`;
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

function readClose(close: unknown): { code: number; reason: string } {
  checkKeys(close, "`close`", (key) => key === "code" || key === "reason", "code or reason");
  const { code, reason = "" } = close as { code?: unknown; reason?: unknown };
  if (!isCloseCode(code)) throw expected("close.code", "1000–1003, 1007–1014 or 3000–4999", code);
  if (typeof reason !== "string") throw expected("close.reason", "a string", reason);
  const length = utf8Length(reason);
  if (length > MAX_REASON_BYTES) {
    throw new VerdictError(
      `expected \`close.reason\` to be at most ${MAX_REASON_BYTES} bytes of UTF-8, got ${length}`,
    );
  }
  return { code, reason };
}

function isContentKey(key: string): boolean {
  return key === "body" || key === "set" || key === "remove";
}

function isMessageKey(key: string): boolean {
  return key === "content" || key === "drop" || key === "reply" || key === "append" || key === "close";
}

function allTooLarge(max: number): VerdictError {
  return new VerdictError(
    `expected all bodies of the verdict together to be at most ${MAX_BODIES_SHARE} times as large as one may be (${max} bytes, \`maxMessageSize\`)`,
  );
}

function bothGiven(): VerdictError {
  return new VerdictError(
    "expected `content` to have either `body`, or `set` and `remove`, which change what came, got both",
  );
}
