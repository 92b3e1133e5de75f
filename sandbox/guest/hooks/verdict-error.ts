import { suggestName } from "../../suggestion.ts";
import { describe } from "./plain-json.ts";

/** The hook returned something that is not a verdict. Worded for the author. */
export class VerdictError extends Error {
  /** Which part of the verdict is wrong, as `close.code`; "" for no one part of it. */
  readonly at: string;
  constructor(message: string, at = "") {
    super(message);
    this.at = at;
  }
}

/** @param part of the verdict, "" for all of it */
export function checkKeys(
  value: unknown,
  part: string,
  isKey: (key: string) => boolean,
  keys: readonly string[],
): void {
  if (!isPlainObject(value)) throw notPlainObject(value, part, wordKeys(keys));
  for (const key in value as object) {
    if (!isKey(key) && (value as Record<string, unknown>)[key] !== undefined) throw wrongKey(key, part, keys);
  }
}

const MAX_SHOWN = 60;

function wrongKey(key: string, part: string, keys: readonly string[]): VerdictError {
  const shown = key.slice(0, MAX_SHOWN);
  const near = suggestName(shown, keys);
  const advice = near === undefined ? "" : `; did you mean \`${near}\`?`;
  return new VerdictError(
    `expected ${nameOf(part)} to have only ${wordKeys(keys)}, got the key \`${shown}\`${advice}`,
    part === "" ? shown : `${part}.${shown}`,
  );
}

function nameOf(part: string): string {
  return part === "" ? "the verdict" : `\`${part}\``;
}

function wordKeys(keys: readonly string[]): string {
  return `${keys.slice(0, -1).join(", ")} or ${keys.at(-1)}`;
}

/** @param part as of `checkKeys` */
export function checkPlainObject(value: unknown, part: string, keys: string): void {
  if (!isPlainObject(value)) throw notPlainObject(value, part, keys);
}

function isPlainObject(value: unknown): boolean {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function notPlainObject(value: unknown, part: string, keys: string): VerdictError {
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  const wanted = isObject ? "a plain object" : "an object";
  return new VerdictError(
    `expected ${nameOf(part)} to be ${wanted} with ${keys}, got ${describe(value)}`,
    part,
  );
}

export function expected(path: string, wanted: string, got: unknown): VerdictError {
  // What is not there is in no place.
  const at = got === undefined ? "" : path;
  return new VerdictError(`expected \`${path}\` to be ${wanted}, got ${describe(got)}`, at);
}

export function tooLarge(path: string, length: number, max: number): VerdictError {
  return new VerdictError(
    `expected \`${path}\` to be at most ${max} bytes (\`maxMessageSize\`), got ${length}`,
    path,
  );
}

/** What JSON.stringify would leave out is an error: a function, say, that somebody has forgotten to call. */
export function serialise(path: string, wanted: string, value: unknown): string {
  let text: unknown;
  try {
    text = JSON.stringify(value);
  } catch (error) {
    throw notSerialised(path, wanted, error);
  }
  if (typeof text !== "string") throw expected(path, wanted, value);
  return text;
}

export function notSerialised(path: string, wanted: string, error: unknown): VerdictError {
  return new VerdictError(
    `expected \`${path}\` to be ${wanted}, but JSON.stringify failed: ${String(error)}`,
    path,
  );
}
