import { hideCredentials } from "./shown-url.ts";

/** Names under which values stand that are nobody's to see, at whatever depth. */
const SECRET_NAME =
  /secret|token|passw|passphrase|credential|authorization|cookie|hmac|api[-_]?key|private[-_]?key/i;

/** Characters. */
const MAX_SHOWN = 80;

/**
 * A value that is not what was expected, for the one who wrote it: in one line, not longer than it has to be, and without
 * what is secret. What is wrong with a secret is said of its kind and length; the place says which it is.
 *
 * @param path of names and numbers, from the outside in
 */
export function showValue(path: readonly PropertyKey[], value: unknown): string {
  if (hidesValue(path)) return showKind(value);
  const shown = JSON.stringify(begin(value, { parts: MAX_SHOWN })) ?? String(value);
  return shown.length > MAX_SHOWN ? `${shown.slice(0, MAX_SHOWN - 3)}…` : shown;
}

/** Who knows where a webhook is may write to it. */
function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name) || name === "webhook";
}

/** Whether what stands there is nobody's to see, by the names of the path. */
export function hidesValue(path: readonly PropertyKey[]): boolean {
  return path.some((key) => typeof key === "string" && SECRET_NAME.test(key));
}

/**
 * As much of a value as can be shown: each part of it takes a character at least. So one that is large, deep, or holds
 * itself, is no more work than any other.
 */
function begin(value: unknown, left: { parts: number }): unknown {
  left.parts--;
  if (typeof value === "bigint") return String(value);
  if (typeof value === "string") return hideCredentials(value, "…");
  if (!isPlain(value)) return value;
  if (Array.isArray(value)) return value.slice(0, Math.max(0, left.parts)).map((part) => begin(part, left));
  const shown: Record<string, unknown> = Object.create(null);
  for (const key of Object.keys(value)) {
    if (left.parts <= 0) break;
    const part = (value as Record<string, unknown>)[key];
    shown[key] = isSecretName(key) && typeof part === "string" ? "…" : begin(part, left);
  }
  return shown;
}

/** Lists and objects without a word of their own on how they are written. */
function isPlain(value: unknown): value is object {
  return typeof value === "object" && value !== null && !("toJSON" in value);
}

function showKind(value: unknown): string {
  if (typeof value === "string") return `${value.length} characters`;
  if (Array.isArray(value)) return "a list";
  return value === null || typeof value === "boolean"
    ? String(value)
    : `${article(typeof value)} ${typeof value}`;
}

function article(noun: string): string {
  return /^[aeiou]/.test(noun) ? "an" : "a";
}
