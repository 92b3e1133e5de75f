/** Names under which values stand that are nobody's to see, at whatever depth. */
const SECRET_NAME =
  /secret|token|passw|passphrase|credential|authorization|cookie|api[-_]?key|private[-_]?key/i;

/**
 * A value that is not what was expected, for the one who wrote it: in one line, not longer than it has to be, and without
 * what is secret. What is wrong with a secret is said of its kind and length; the place says which it is.
 *
 * @param path of names and numbers, from the outside in
 */
export function showValue(path: readonly PropertyKey[], value: unknown): string {
  if (path.some((key) => typeof key === "string" && SECRET_NAME.test(key))) return showKind(value);
  const text =
    JSON.stringify(value, (key, inner: unknown) =>
      SECRET_NAME.test(key) && typeof inner === "string" ? "…" : inner,
    ) ?? String(value);
  const shown = text.replace(/\/\/[^/@"]*@/g, "//…@").replace(/\b(bearer|basic) +[^"]+/gi, "$1 …");
  return shown.length > 80 ? `${shown.slice(0, 77)}…` : shown;
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
