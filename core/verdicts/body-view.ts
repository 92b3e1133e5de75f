import { isDeepStrictEqual } from "node:util";
import type { Payload } from "../../sandbox/contract/hooks.ts";
import type { RecordedBody } from "../recording/format.ts";

/** As it was written: what holds the same may be other bytes. Not shown where the JSON tells. */
export const rawText = Symbol("text");

/** A body as it is compared and shown: JSON as what it holds, also behind a prefix as in `42["event",{…}]`. */
export type BodyView =
  | { readonly json: unknown; readonly prefix?: string; readonly [rawText]: string }
  | { readonly text: string }
  | { readonly base64: string };

/** More of JSON is compared as text: it is walked through without end otherwise. */
const MAX_DEPTH = 200;
const PREFIXED = /^([^[{"\s]{1,40})([[{].*)$/s;

export function viewBody({ binary, bytes }: Payload): BodyView {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return binary ? { base64: buffer.toString("base64") } : viewText(buffer.toString("utf8"));
}

/** In whatever form: of JSON what it holds is compared, and not how it is written. */
export function holdsSame(one: Payload, other: Payload): boolean {
  return isDeepStrictEqual(withoutForm(viewBody(one)), withoutForm(viewBody(other)));
}

function withoutForm(view: BodyView): BodyView {
  return "json" in view ? { ...view, [rawText]: "" } : view;
}

export function viewRecorded(body: RecordedBody): BodyView {
  return "text" in body ? viewText(body.text) : { base64: body.base64 };
}

export function toPayload(body: RecordedBody): Payload {
  return "text" in body
    ? { binary: false, bytes: Buffer.from(body.text) }
    : { binary: true, bytes: Buffer.from(body.base64, "base64") };
}

function viewText(text: string): BodyView {
  const whole = parse(text);
  if (whole !== undefined) return { json: whole.value, [rawText]: text };
  const [, prefix, rest] = PREFIXED.exec(text) ?? [];
  const found = rest === undefined ? undefined : parse(rest);
  return found === undefined || prefix === undefined
    ? { text }
    : { prefix, json: found.value, [rawText]: text };
}

function parse(text: string): { readonly value: unknown } | undefined {
  if (!/^\s*[[{]/.test(text) || isDeep(text)) return undefined;
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

/** Brackets in strings count as well: what is compared as text is compared all the same. */
function isDeep(text: string): boolean {
  let depth = 0;
  for (const char of text) {
    if (char === "[" || char === "{") depth++;
    else if (char === "]" || char === "}") depth--;
    if (depth > MAX_DEPTH) return true;
  }
  return false;
}
