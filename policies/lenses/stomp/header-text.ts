const MEANT: Readonly<Record<string, string>> = { "\\\\": "\\", "\\n": "\n", "\\r": "\r", "\\c": ":" };
const WRITTEN: Readonly<Record<string, string>> = { "\\": "\\\\", "\n": "\\n", "\r": "\\r", ":": "\\c" };

/**
 * What a name or value says (STOMP 1.2, *Value Encoding*). Throws at an escape that there is not. The library's own takes a backslash
 * and an `n` for a line break where the backslash is an escaped one.
 */
export function unescapeHeader(text: string): string {
  return text.replace(/\\.?/gs, (sequence) => {
    const meant = MEANT[sequence];
    if (meant === undefined) throw new Error("a header has an escape that there is not");
    return meant;
  });
}

/** Throws at what cannot be said in a header. */
export function escapeHeader(text: string): string {
  return refuse(text, /\0/).replace(/[\\\n\r:]/g, (character) => WRITTEN[character]!);
}

/** A header where there are no escapes: a line break would begin another one. Throws at what cannot be said there. */
export const requireName = (text: string): string => refuse(text, /[\n\r\0:]/);
export const requireValue = (text: string): string => refuse(text, /[\n\r\0]/);

function refuse(text: string, character: RegExp): string {
  const found = character.exec(text)?.[0];
  if (found === undefined) return text;
  throw new TypeError(`a header cannot have ${JSON.stringify(found)} in it: ${JSON.stringify(text)}`);
}
