import { describe } from "./plain-json.ts";

/** The hook returned something that is not a verdict. Worded for the author. */
export class VerdictError extends Error {}

export function checkKeys(value: unknown, what: string, isKey: (key: string) => boolean, keys: string): void {
  checkPlainObject(value, what, keys);
  for (const key in value as object) {
    if (!isKey(key) && (value as Record<string, unknown>)[key] !== undefined) {
      throw new VerdictError(`expected ${what} to have only ${keys}, got the key \`${key.slice(0, 60)}\``);
    }
  }
}

export function checkPlainObject(value: unknown, what: string, keys: string): void {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new VerdictError(`expected ${what} to be an object with ${keys}, got ${describe(value)}`);
  }
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) {
    throw new VerdictError(`expected ${what} to be a plain object with ${keys}, got ${describe(value)}`);
  }
}

export function expected(path: string, wanted: string, got: unknown): VerdictError {
  return new VerdictError(`expected \`${path}\` to be ${wanted}, got ${describe(got)}`);
}

export function tooLarge(path: string, length: number, max: number): VerdictError {
  return new VerdictError(
    `expected \`${path}\` to be at most ${max} bytes (\`maxMessageSize\`), got ${length}`,
  );
}

/** What JSON.stringify would leave out is an error: a function, say, that somebody has forgotten to call. */
export function serialise(path: string, wanted: string, value: unknown): string {
  let text: unknown;
  try {
    text = JSON.stringify(value);
  } catch (error) {
    throw new VerdictError(
      `expected \`${path}\` to be ${wanted}, but JSON.stringify failed: ${String(error)}`,
    );
  }
  if (typeof text !== "string") throw expected(path, wanted, value);
  return text;
}
