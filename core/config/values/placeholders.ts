/** `${…}` in a text. */
export interface Placeholder {
  readonly written: string;
  /** What stands between its braces; undefined: it does not end. */
  readonly inside: string | undefined;
}

/** A text, part by part; `$${` is text, without its first sign. Braces inside of a placeholder are in pairs, but for those in quotes within them. */
export function readPlaceholders(text: string): readonly (string | Placeholder)[] {
  const parts: (string | Placeholder)[] = [];
  let from = 0;
  for (let at = text.indexOf("${"); at !== -1; at = text.indexOf("${", from)) {
    if (at > from && text[at - 1] === "$") {
      parts.push(`${text.slice(from, at - 1)}\${`);
      from = at + 2;
      continue;
    }
    const end = endOf(text, at + 2);
    const inside = end === undefined ? undefined : text.slice(at + 2, end);
    const next = end === undefined ? text.length : end + 1;
    parts.push(text.slice(from, at), { written: text.slice(at, next), inside });
    from = next;
  }
  return [...parts, text.slice(from)];
}

/** Of the brace that closes it. */
function endOf(text: string, start: number): number | undefined {
  let depth = 0;
  let isQuoted = false;
  for (let index = start; index < text.length; index++) {
    const sign = text[index];
    if (isQuoted && sign === "\\") index++;
    else if (sign === '"' && depth > 0) isQuoted = !isQuoted;
    else if (isQuoted) continue;
    else if (sign === "{") depth++;
    else if (sign === "}" && depth-- === 0) return index;
  }
  return undefined;
}
