import { type JsonPath, leadsTo } from "./json-path.ts";
import { QUOTED_REDACTED, REDACTED, type Span } from "./spans.ts";

export interface JsonRules {
  isSecretKey(key: string): boolean;
  /** As `isSecretKey`, and the last keys of the paths too: where a text cannot be followed. */
  isPerhapsSecretKey(key: string): boolean;
  readonly paths: readonly JsonPath[];
  /** What a string of JSON hides that is itself text or JSON; its content with the secrets replaced, or undefined. */
  redactNested(text: string): string | undefined;
}

/**
 * Secrets in JSON, which may be cut off anywhere, have a prefix (`42["event",{…}]`), or be several texts in a row. The
 * text is followed, not parsed: one pass, no recursion, and what is not secret stays as it was written. Where it is no
 * JSON, every key that stands there is looked at, and paths count by the key they end with.
 */
export function findJsonSecrets(text: string, rules: JsonRules): Span[] {
  const walk = new JsonWalk(text, rules);
  walk.run();
  return walk.isSound ? walk.spans : [...walk.spans, ...findKeys(text, rules)];
}

/** Paths are not followed deeper: a hostile text must not make each of its values expensive. */
const MAX_DEPTH = 64;

class JsonWalk {
  readonly spans: Span[] = [];
  isSound = true;

  readonly #text: string;
  readonly #rules: JsonRules;
  /** The key or index of the current value in each open object or array. */
  readonly #place: (string | number)[] = [];
  /** Whether each of them is an array. */
  readonly #isArray: boolean[] = [];
  #wantsKey = false;
  #isSecretKey = false;
  /** An object or array that is secret: where it begins, and how many were open around it. */
  #hidden: { readonly start: number; readonly depth: number } | undefined;

  constructor(text: string, rules: JsonRules) {
    this.#text = text;
    this.#rules = rules;
  }

  run(): void {
    const text = this.#text;
    let at = 0;
    while (at < text.length && this.isSound) {
      if (this.#place.length === 0) {
        const root = text.slice(at).search(/[{["]/);
        if (root === -1) break;
        at += root;
        // Text with quotes around JSON: nobody knows where a string begins.
        if (text[at] === '"') this.isSound = false;
        else this.#open(text[at] === "[");
        at++;
      } else {
        at = this.#step(at);
      }
    }
    if (this.#hidden !== undefined) this.#hide(this.#hidden.start, text.length, QUOTED_REDACTED);
  }

  /** @returns where the next token begins */
  #step(at: number): number {
    const text = this.#text;
    switch (text[at]) {
      case " ":
      case "\n":
      case "\r":
      case "\t":
        return at + 1;
      case "{":
      case "[":
        if (this.#wantsKey) this.isSound = false;
        this.#value(at);
        this.#open(text[at] === "[");
        return at + 1;
      case "}":
      case "]":
        if ((text[at] === "]") !== this.#isArray.at(-1)) this.isSound = false;
        this.#close(at + 1);
        return at + 1;
      case ",":
        this.#next();
        return at + 1;
      case '"':
        return this.#string(at);
      default:
        return this.#literal(at);
    }
  }

  #open(isArray: boolean): void {
    this.#place.push(isArray ? 0 : "");
    this.#isArray.push(isArray);
    this.#wantsKey = !isArray;
    this.#isSecretKey = false;
    if (this.#place.length > MAX_DEPTH && this.#rules.paths.length > 0) this.isSound = false;
  }

  #close(end: number): void {
    this.#place.pop();
    this.#isArray.pop();
    this.#wantsKey = false;
    this.#isSecretKey = false;
    if (this.#hidden?.depth !== this.#place.length) return;
    this.#hide(this.#hidden.start, end, QUOTED_REDACTED);
    this.#hidden = undefined;
  }

  #next(): void {
    const last = this.#place.length - 1;
    if (this.#isArray[last]) (this.#place[last] as number)++;
    this.#wantsKey = !this.#isArray[last];
    this.#isSecretKey = false;
  }

  #string(at: number): number {
    const text = this.#text;
    const end = endOfString(text, at + 1);
    if (this.#wantsKey) {
      const colon = skipSpace(text, end + 1);
      if (text[colon] !== ":" && colon < text.length) this.isSound = false;
      const key = decode(text.slice(at + 1, end));
      if (key === undefined) {
        this.isSound = false;
        return end;
      }
      this.#place[this.#place.length - 1] = key;
      this.#isSecretKey = this.#hidden === undefined && this.#rules.isSecretKey(key);
      this.#wantsKey = false;
      return colon + 1;
    }
    if (this.#hidden === undefined) {
      if (this.#isSecret()) this.#hide(at + 1, end, REDACTED);
      else this.spans.push(...nestedSecrets(text, at + 1, end, this.#rules));
    }
    return end + 1;
  }

  #literal(at: number): number {
    const [word] = /^[^\s,\]}"{[]*/.exec(this.#text.slice(at))!;
    const end = at + word.length;
    const isCut = end === this.#text.length;
    if (this.#wantsKey || !(isCut ? PART_OF_LITERAL : LITERAL).test(word)) this.isSound = false;
    if (word !== "null" && this.#hidden === undefined && this.#isSecret())
      this.#hide(at, end, QUOTED_REDACTED);
    return Math.max(end, at + 1);
  }

  /** An object or array begins. */
  #value(at: number): void {
    if (this.#hidden === undefined && this.#isSecret())
      this.#hidden = { start: at, depth: this.#place.length };
  }

  #isSecret(): boolean {
    return this.#isSecretKey || this.#rules.paths.some((path) => leadsTo(path, this.#place));
  }

  #hide(start: number, end: number, replacement: string): void {
    if (end > start) this.spans.push({ start, end, replacement });
  }
}

const LITERAL = /^(?:true|false|null|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)$/;
const PART_OF_LITERAL = /^[a-z\d.eE+-]*$/;

/** Whatever looks like a key, wherever it stands; an object or array behind it is hidden up to the text's end. */
function findKeys(text: string, rules: JsonRules): Span[] {
  const spans: Span[] = [];
  // Of the last value without quotes: one that begins within it ends with it, and need not be looked through again.
  let bareEnd = 0;
  for (const { index, groups, 0: match } of text.matchAll(
    /"(?<key>[^"\\\n]{1,200})\\?"[ \t]{0,8}:\s{0,8}/g,
  )) {
    if (!rules.isPerhapsSecretKey(groups!.key!)) continue;
    const start = index + match.length;
    const rest = text.slice(start);
    if (rest.startsWith('"')) {
      spans.push({ start: start + 1, end: endOfString(text, start + 1), replacement: REDACTED });
    } else if (rest.startsWith('\\"')) {
      const end = text.indexOf('\\"', start + 2);
      spans.push({ start: start + 2, end: end === -1 ? text.length : end, replacement: REDACTED });
    } else if (rest.startsWith("{") || rest.startsWith("[")) {
      spans.push({ start, end: text.length, replacement: QUOTED_REDACTED });
      break;
    } else {
      if (start >= bareEnd) bareEnd = start + rest.search(/[\s,}\]]|$/);
      if (bareEnd > start) spans.push({ start, end: bareEnd, replacement: QUOTED_REDACTED });
    }
  }
  return spans;
}

/** JSON in a string of JSON. What a string without escapes hides is found in the whole text. */
function nestedSecrets(text: string, start: number, end: number, rules: JsonRules): Span[] {
  const raw = text.slice(start, end);
  if (!raw.includes("\\")) return [];
  const content = decode(raw);
  const replaced = content === undefined ? REDACTED : rules.redactNested(content);
  if (replaced === undefined) return [];
  return [{ start, end, replacement: JSON.stringify(replaced).slice(1, -1) }];
}

/** What the inside of a JSON string says; the half of an escape at a cut end is left out. */
function decode(raw: string): string | undefined {
  if (!raw.includes("\\")) return raw;
  try {
    // Raw control characters are no JSON, but a peer may write them.
    const safe = raw.replace(/\p{Cc}/gu, " ").replace(/((?:^|[^\\])(?:\\\\)*)\\(?:u[\da-fA-F]{0,3})?$/, "$1");
    return JSON.parse(`"${safe}"`) as string;
  } catch {
    return undefined;
  }
}

/** @returns where the closing quote is, or the text's end */
function endOfString(text: string, from: number): number {
  let at = from;
  while (at < text.length) {
    const quote = text.indexOf('"', at);
    if (quote === -1) return text.length;
    let backslashes = quote;
    while (backslashes > from && text[backslashes - 1] === "\\") backslashes--;
    if ((quote - backslashes) % 2 === 0) return quote;
    at = quote + 1;
  }
  return text.length;
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (at < text.length && " \n\r\t".includes(text[at]!)) at++;
  return at;
}
