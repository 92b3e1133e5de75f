const PLACEHOLDER = /\[redacted(?::\d+)?\]/g;
const WHOLE = /^\[redacted(?::\d+)?\]$/;

export function hasPlaceholder(text: string): boolean {
  return text.search(PLACEHOLDER) !== -1;
}

/**
 * Whether a recorded text may have been this value before its secrets were hidden. A policy can write a secret that it
 * knows, which the recording shows as a placeholder; another placeholder in that place is another secret.
 */
export function isHiddenAs(recorded: string, value: unknown): boolean {
  const parts = recorded.split(PLACEHOLDER);
  if (parts.length === 1) return false;
  if (WHOLE.test(recorded)) return typeof value !== "string" || !WHOLE.test(value);
  if (typeof value !== "string" || value.match(PLACEHOLDER) !== null) return false;
  const [first = "", ...others] = parts;
  const last = others.pop() ?? "";
  if (!value.startsWith(first)) return false;
  // The shortest that fits each place leaves the most to those behind it: no other way round has to be tried.
  let at = first.length;
  for (const part of others) {
    const found = value.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return value.endsWith(last) && value.length - last.length >= at;
}
