/**
 * The JSON text of plain data: null, booleans, finite numbers, strings, arrays and objects without a class. Anything
 * else is a `NotPlainData` that names the place, rather than the silent loss that JSON.stringify makes of it.
 */
export function plainJson(value: unknown, path: string): string {
  checkPlain(value, path, 0);
  const text: unknown = JSON.stringify(value);
  if (typeof text !== "string") throw new NotPlainData(path, value);
  return text;
}

export class NotPlainData extends Error {
  constructor(path: string, value: unknown) {
    super(`expected \`${path}\` to be plain data (what JSON can hold), got ${describe(value)}`);
  }
}

const MAX_DEPTH = 64;

function checkPlain(value: unknown, path: string, depth: number): void {
  if (value === null || typeof value === "string" || typeof value === "boolean") return;
  if (typeof value === "number") {
    if (Number.isFinite(value)) return;
    throw new NotPlainData(path, value);
  }
  if (typeof value !== "object") throw new NotPlainData(path, value);
  if (depth > MAX_DEPTH)
    throw new Error(`expected \`${path}\` to be nested less than ${MAX_DEPTH} levels deep`);
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) checkPlain(value[i], `${path}[${i}]`, depth + 1);
    return;
  }
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) throw new NotPlainData(path, value);
  for (const key in value) {
    const item = (value as Record<string, unknown>)[key];
    if (item !== undefined) checkPlain(item, `${path}.${key}`, depth + 1);
  }
}

/** What a value is, for "expected …, got …". */
export function describe(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return `an array of ${value.length}`;
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
