export interface JsonBounds {
  /** In characters. */
  readonly length: number;
  /** At the most: each comma, list and object counts. */
  readonly values: number;
}

const QUOTE = 34;
const COMMA = 44;
const BACKSLASH = 92;
const BRACKET = 91;
const BRACE = 123;

/**
 * JSON that somebody else wrote, for what has no time to lose: a few MiB of `[],` keep JSON.parse busy for seconds, and
 * fill the heap. The text is looked through first, which takes a few milliseconds for each MiB.
 *
 * @throws RangeError where there is more than that, SyntaxError where it is no JSON
 */
export function parseBounded(text: string, bounds: JsonBounds): unknown {
  if (text.length > bounds.length) {
    throw new RangeError(`expected at most ${bounds.length} characters of JSON, got ${text.length}`);
  }
  let values = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = endOfString(text, at);
    else if (code === COMMA || code === BRACKET || code === BRACE) values++;
    if (values > bounds.values)
      throw new RangeError(`expected at most ${bounds.values} values of JSON, got more`);
  }
  return JSON.parse(text);
}

/** Where its last quote is; the end of the text where it has none. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; ; at++) {
    at = text.indexOf('"', at);
    if (at === -1) return text.length;
    let slashes = 0;
    while (text.charCodeAt(at - 1 - slashes) === BACKSLASH) slashes++;
    if (slashes % 2 === 0) return at;
  }
}
