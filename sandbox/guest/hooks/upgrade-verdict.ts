import {
  FIELD_VALUE,
  MAX_FIELDS,
  MAX_FIELDS_LENGTH,
  MAX_URL_LENGTH,
  MIME_TYPE,
  REJECT_STATUS,
  TARGET_NAME,
  TOKEN,
  URL_PROTOCOLS,
} from "../../wire/fields.ts";
import type { UrlParser } from "../globals/url.ts";
import { describe, lengthOf, plainJson } from "./plain-json.ts";
import type { GuestSeat } from "./seat.ts";
import { checkKeys, expected, VerdictError } from "./verdict-error.ts";
import { attributesJson, checkNextTick, checkTime, mayCall } from "./verdict-parts.ts";

type HeaderValues = Record<string, readonly string[] | null>;

const KEYS = [
  "connect",
  "reject",
  "attributes",
  "headers",
  "responseHeaders",
  "subprotocol",
  "contentType",
  "expires",
  "renewAt",
  "tick",
];

const REJECT_KEYS = ["status", "headers", "body"];

/** The JSON of a `CheckedUpgradeVerdict`, or undefined when the hook returned nothing. */
export function encodeUpgradeVerdict(
  value: unknown,
  seat: GuestSeat,
  parseUrl: UrlParser,
  maxBytes: number,
): string | undefined {
  if (value === undefined || value === null) return undefined;
  checkKeys(value, "", (key) => KEYS.includes(key), KEYS);
  const verdict = value as Record<string, unknown>;
  const { connect, reject, attributes, headers, responseHeaders, subprotocol, contentType } = verdict;
  const { expires, renewAt, tick } = verdict;
  const parts: string[] = [];
  const add = (key: string, json: string) => parts.push(`${JSON.stringify(key)}:${json}`);

  if (connect !== undefined) add("connect", JSON.stringify(readUrl(connect, parseUrl)));
  if (reject !== undefined) add("reject", JSON.stringify(readReject(reject, maxBytes)));
  if (attributes !== undefined) add("attributes", attributesJson(attributes));
  if (headers !== undefined) add("headers", JSON.stringify(readHeaders(headers, "headers")));
  if (responseHeaders !== undefined) {
    add("responseHeaders", JSON.stringify(readHeaders(responseHeaders, "responseHeaders")));
  }
  if (subprotocol !== undefined) {
    add("subprotocol", JSON.stringify(readSubprotocol(subprotocol, "subprotocol")));
  }
  if (contentType !== undefined) {
    if (typeof contentType !== "string" || !MIME_TYPE.test(contentType)) {
      throw expected("contentType", "a MIME type such as `application/json`", contentType);
    }
    add("contentType", JSON.stringify(contentType));
  }
  if (expires !== undefined) add("expires", JSON.stringify(checkTime(expires, "expires")));
  if (renewAt !== undefined && mayCall("renewAt", seat.renewHook))
    add("renewAt", JSON.stringify(checkTime(renewAt, "renewAt")));
  if (tick !== undefined && mayCall("tick", seat.tickHook)) add("tick", JSON.stringify(checkNextTick(tick)));
  return `{${parts.join(",")}}`;
}

/** Of `connect`. */
export function readUrl(connect: unknown, parseUrl: UrlParser): string {
  const wanted = "an http, https, ws or wss URL, or the name of an upstream";
  if (typeof connect !== "string") throw expected("connect", wanted, connect);
  if (TARGET_NAME.test(connect)) return connect;
  const parts = parseUrl(connect);
  if (parts === undefined) throw expected("connect", wanted, connect);
  const { href, protocol } = JSON.parse(parts);
  if (!URL_PROTOCOLS.includes(protocol)) throw expected("connect", wanted, connect);
  if (href.length > MAX_URL_LENGTH)
    throw expected("connect", `a URL of at most ${MAX_URL_LENGTH} characters`, connect);
  return href;
}

export function readSubprotocol(subprotocol: unknown, path: string): string {
  if (typeof subprotocol !== "string" || !TOKEN.test(subprotocol))
    throw expected(path, "a token such as `graphql-transport-ws`", subprotocol);
  return subprotocol;
}

export function readReject(reject: unknown, maxBytes: number) {
  checkKeys(reject, "reject", (key) => REJECT_KEYS.includes(key), REJECT_KEYS);
  const { status, headers, body } = reject as Record<string, unknown>;
  const { min, max } = REJECT_STATUS;
  if (typeof status !== "number" || !Number.isInteger(status) || status < min || status > max) {
    throw expected("reject.status", `a whole number from ${min} to ${max}`, status);
  }
  const isText = body === undefined || typeof body === "string";
  const text = isText ? ((body as string | undefined) ?? "") : plainJson(body, "reject.body");
  if (text.length > maxBytes) throw expected("reject.body", `at most ${maxBytes} characters`, text);
  return {
    status,
    headers: headers === undefined ? {} : readHeaders(headers, "reject.headers"),
    body: text,
    contentType: isText ? "text/plain; charset=utf-8" : "application/json",
  };
}

function readHeaders(headers: unknown, path: string): HeaderValues {
  if (typeof headers !== "object" || headers === null || Array.isArray(headers)) {
    throw expected(path, "an object of header names and values", headers);
  }
  const out: HeaderValues = {};
  let fields = 0;
  let length = 0;
  for (const name of Object.keys(headers)) {
    const value = (headers as Record<string, unknown>)[name];
    if (value === undefined) continue;
    if (!TOKEN.test(name))
      throw new VerdictError(`expected a header name in \`${path}\`, got ${describe(name)}`);
    const values = value === null ? null : readFieldValues(value, `${path}.${name}`);
    fields++;
    length += name.length;
    for (const one of values ?? []) length += one.length;
    if (fields > MAX_FIELDS || length > MAX_FIELDS_LENGTH) throw tooManyFields(path);
    Reflect.defineProperty(out, name.toLowerCase(), { value: values, enumerable: true, configurable: true });
  }
  return out;
}

function tooManyFields(path: string): VerdictError {
  return new VerdictError(
    `expected \`${path}\` to hold at most ${MAX_FIELDS} fields and ${MAX_FIELDS_LENGTH} characters, got more`,
  );
}

function readFieldValues(value: unknown, path: string): readonly string[] {
  const values = Array.isArray(value) ? value : [value];
  const length = lengthOf(values, path);
  if (length > MAX_FIELDS) throw expected(path, `at most ${MAX_FIELDS} values`, value);
  const out: string[] = [];
  for (let i = 0; i < length; i++) {
    const one: unknown = values[i];
    const at = Array.isArray(value) ? `${path}[${i}]` : path;
    if (typeof one !== "string") throw expected(at, "a string, a list of strings or null", one);
    if (!FIELD_VALUE.test(one)) throw notAFieldValue(at, one);
    out.push(one);
  }
  return out;
}

/** The value itself stays out of the log: it may be a credential. */
function notAFieldValue(path: string, { length }: string): VerdictError {
  return new VerdictError(
    `expected \`${path}\` to be without line breaks and control characters, got one among ${length} characters`,
  );
}
