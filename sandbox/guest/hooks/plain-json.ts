import { MAX_POLICY_ASK_BYTES } from "../../wire/ask-texts.ts";

/**
 * The JSON text of plain data: null, booleans, finite numbers, strings, arrays and objects without a class. Anything
 * else is a `NotPlainData` that names the place, rather than the silent loss that JSON.stringify makes of it.
 *
 * The text is that of a copy: getters, Proxies and a `toJSON` that nobody enumerates would give JSON.stringify something
 * else than what has been looked at.
 */
export function plainJson(value: unknown, path: string): string {
  const text: unknown = JSON.stringify(
    copyPlain(value, path, 0, { values: MAX_VALUES, characters: MAX_POLICY_ASK_BYTES }),
  );
  if (typeof text !== "string") throw notPlain(path, value);
  return text;
}

/** The same of an argument: one that is none is an error of the call, with its line. @param what is called */
export function plainArgument(what: string, value: unknown, path: string): string {
  try {
    return plainJson(value, path);
  } catch (error) {
    throw error instanceof NotPlainData ? new Error(`${what}: ${error.message}`) : error;
  }
}

/**
 * The same without a copy, for what is written after every call and read by nobody but the policy itself: what it makes
 * JSON.stringify say, it says to itself. Only an object comes out as one.
 */
export function plainJsonOfOwn(value: object, path: string): string {
  checkPlain(value, path, 0);
  const text: unknown = JSON.stringify(value);
  if (typeof text !== "string" || !text.startsWith("{")) throw notPlain(path, value);
  return text;
}

/** What was given is no plain data, or too much of it. Worded for the author. */
export class NotPlainData extends Error {}

const MAX_DEPTH = 64;
/** Each takes a character of a text at least, and no text may be as long. What is there twice counts twice. */
const MAX_VALUES = 131_072;

/** What is left of it. Text that could not leave the isolate is not even written, which takes long. */
interface Budget {
  values: number;
  characters: number;
}

function copyPlain(value: unknown, path: string, depth: number, budget: Budget): unknown {
  if (budget.values-- === 0)
    throw new NotPlainData(`expected \`${path}\` to be among at most ${MAX_VALUES} values`);
  if (typeof value === "string") budget.characters -= value.length;
  if (budget.characters < 0)
    throw new NotPlainData(
      `expected \`${path}\`, with what is before it, to be at most ${MAX_POLICY_ASK_BYTES} characters, got more`,
    );
  if (!isBranch(value, path, depth)) return value;
  if (Array.isArray(value)) {
    const list: unknown[] = [];
    const length = lengthOf(value, path);
    for (let i = 0; i < length; i++) list.push(copyPlain(value[i], `${path}[${i}]`, depth + 1, budget));
    return list;
  }
  const copy: Record<string, unknown> = Object.create(null);
  for (const key in value) {
    const item = (value as Record<string, unknown>)[key];
    if (item === undefined) continue;
    budget.characters -= key.length;
    copy[key] = copyPlain(item, `${path}.${key}`, depth + 1, budget);
  }
  return copy;
}

function checkPlain(value: unknown, path: string, depth: number): void {
  if (!isBranch(value, path, depth)) return;
  if (Array.isArray(value)) {
    const length = lengthOf(value, path);
    for (let i = 0; i < length; i++) checkPlain(value[i], `${path}[${i}]`, depth + 1);
    return;
  }
  for (const key in value) {
    const item = (value as Record<string, unknown>)[key];
    if (item !== undefined) checkPlain(item, `${path}.${key}`, depth + 1);
  }
}

type Branch = readonly unknown[] | Readonly<Record<string, unknown>>;

/** @returns whether it is an array, or an object without a class, of which each item is to be looked at */
function isBranch(value: unknown, path: string, depth: number): value is Branch {
  if (value === null || typeof value === "string" || typeof value === "boolean") return false;
  if (typeof value === "number" && Number.isFinite(value)) return false;
  if (typeof value !== "object") throw notPlain(path, value);
  if (depth > MAX_DEPTH)
    throw new NotPlainData(`expected \`${path}\` to be nested less than ${MAX_DEPTH} levels deep`);
  if (Array.isArray(value)) return true;
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) throw notPlain(path, value);
  return true;
}

/** Read once: a Proxy of an array tells another length each time, or something that is none. */
export function lengthOf(list: readonly unknown[], path: string): number {
  const length: unknown = list.length;
  if (typeof length !== "number") throw notPlain(path, length);
  return length;
}

function notPlain(path: string, value: unknown): NotPlainData {
  return new NotPlainData(
    `expected \`${path}\` to be plain data (what JSON can hold), got ${describe(value)}`,
  );
}

/** What a value is, for "expected …, got …". */
export function describe(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) {
    const length: unknown = value.length;
    return typeof length === "number" ? `an array of ${length}` : "an array";
  }
  switch (typeof value) {
    case "string":
      return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
    case "number":
    case "boolean":
    case "undefined":
      return String(value);
    case "bigint":
      return "a bigint";
    case "function":
      return "a function";
    case "symbol":
      return "a symbol";
  }
  const name: unknown = Object.getPrototypeOf(value)?.constructor?.name;
  return typeof name === "string" && name !== "Object" && name !== ""
    ? `a ${name.slice(0, 60)}`
    : "an object";
}
