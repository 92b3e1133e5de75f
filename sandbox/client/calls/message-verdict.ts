import type { Outcome, Payload } from "../../contract.ts";
import { readInteger, readList, readObject, readText, wrong } from "../../wire/shapes.ts";
import { isCloseCode, MAX_BODIES_SHARE, MAX_MESSAGES, MAX_REASON_BYTES } from "../../wire/verdicts.ts";
import { type Edited, editMessage } from "./edited-message.ts";

const NONE: readonly Payload[] = [];
const DROP: Outcome = { kind: "message", drop: true, reply: NONE, append: NONE };

/**
 * The verdict of a `client` or `server` hook, made anew of what the host says.
 *
 * @throws HostNonsense, EditRefused
 */
export function readMessageVerdict(
  json: unknown,
  binary: Uint8Array,
  maxBytes: number,
  call: Edited,
): Outcome {
  const { body, edit, drop, reply, append, close } = readObject(json, "the verdict");
  if (edit !== undefined && (body !== undefined || drop)) throw wrong("`edit`", "alone", edit);
  if (drop !== undefined && drop !== true) throw wrong("`drop`", "true or absent", drop);
  if (drop && body === undefined && reply === undefined && append === undefined && close === undefined)
    return DROP;
  const bodies = new BodyReader(binary, maxBytes);
  // In this order lie their bytes.
  const first = body === undefined ? {} : { body: bodies.read(body) };
  const others = { reply: bodies.readAll(reply, "`reply`"), append: bodies.readAll(append, "`append`") };
  bodies.end();
  const edited = edit === undefined ? undefined : readEdit(edit, call, maxBytes);
  // A message of which nothing changes goes on as it came; with a close only when the verdict says what is to go on.
  const changed = edited && (edited !== call.payload || close !== undefined) ? { body: edited } : {};
  const end = close === undefined ? {} : { close: readClose(close) };
  return { kind: "message", drop: drop === true, ...first, ...changed, ...others, ...end };
}

function readEdit(json: unknown, call: Edited, maxBytes: number): Payload {
  return editMessage(call, Buffer.from(readText(json, "`edit`", maxBytes)), maxBytes);
}

class BodyReader {
  readonly #binary: Uint8Array;
  readonly #maxBytes: number;
  #at = 0;
  #left: number;

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

function readClose(json: unknown): { readonly code: number; readonly reason: string } {
  const { code, reason } = readObject(json, "`close`");
  if (!isCloseCode(code)) throw wrong("`close.code`", "a code that an endpoint may send", code);
  const text = readText(reason, "`close.reason`", MAX_REASON_BYTES);
  if (Buffer.byteLength(text) > MAX_REASON_BYTES)
    throw wrong("`close.reason`", `at most ${MAX_REASON_BYTES} bytes`, text);
  return { code, reason: text };
}
