/**
 * Where a JSON value ends (RFC 8259): refuses what JSON.parse would, and besides what is nested deeper than
 * `MAX_DEPTH`. One scan without recursion, several times as fast as to parse.
 */

/** Of a scan that has met no JSON, or too deep one. */
export const REFUSED = -1;

const MAX_DEPTH = 31;

/** What a scan has met: to parse it takes the longer, the more there is. */
export interface ScanTally {
  /** Objects and lists, about: rows count by their length, and so do numbers and words in lists. */
  nested: number;
}

/**
 * @param from where the value begins
 * @returns the place behind it, or `REFUSED`
 */
export function skipValue(text: string, from: number, tally: ScanTally): number {
  let at = from;
  let depth = 0;
  /** A bit for each list (0) and object (1) that is open, the innermost last. */
  let kinds = 0;
  let isTryingRows = true;
  const isSpaced = isSpace(text.charCodeAt(from + 1));
  for (;;) {
    const unit = text.charCodeAt(at);
    if (unit === BRACE_OPEN || unit === BRACKET_OPEN) {
      // Behind a row and a comma another comes in a list only.
      const isInList = depth > 0 && (kinds & 1) === 0;
      const rows = isSpaced ? (isInList ? SPACED_ROWS : SPACED_ROW) : isInList ? ROWS : ROW;
      const row = isTryingRows && unit === BRACE_OPEN ? match(rows, text, at) : REFUSED;
      tally.nested += row === REFUSED ? 1 : countPieces(text, '"', at, row);
      if (row === REFUSED) {
        // Where one is none, the next is most often none either.
        if (unit === BRACE_OPEN) isTryingRows = false;
        at = skipSpace(text, at + 1);
        if (text.charCodeAt(at) !== unit + CLOSES) {
          if (depth === MAX_DEPTH) return REFUSED;
          depth++;
          kinds = (kinds << 1) | (unit === BRACE_OPEN ? 1 : 0);
          if (unit === BRACE_OPEN) at = skipName(text, at);
          if (at === REFUSED) return REFUSED;
          continue;
        }
        at++;
      } else at = row;
    } else {
      at = unit === QUOTE ? skipString(text, at) : skipPlain(text, at, unit);
      if (at === REFUSED) return REFUSED;
    }
    // A value has ended, and with it perhaps some that enclose it.
    for (;;) {
      if (depth === 0) return at;
      at = skipSpace(text, at);
      const isObject = (kinds & 1) === 1;
      const after = text.charCodeAt(at);
      if (after === COMMA) {
        at = skipSpace(text, at + 1);
        at = isObject ? skipName(text, at) : skipItems(text, at, tally);
        if (at === REFUSED) return REFUSED;
        break;
      }
      if (after !== (isObject ? BRACE_CLOSE : BRACKET_CLOSE)) return REFUSED;
      at++;
      depth--;
      kinds >>>= 1;
    }
  }
}

/** Of rows those with a quote in them, of plain items those with a comma: a text or a space without end must not pass for many. */
function countPieces(text: string, mark: string, from: number, to: number): number {
  let pieces = 0;
  let at = from;
  while (at < to) {
    const found = text.indexOf(mark, at);
    if (found === -1) break;
    if (found < at + PIECE) pieces++;
    at = Math.max(found, at + PIECE);
  }
  return pieces;
}

/** A name, its colon, and the space around that. */
export function skipName(text: string, from: number): number {
  if (text.charCodeAt(from) !== QUOTE) return REFUSED;
  const end = skipString(text, from);
  if (end === REFUSED) return REFUSED;
  const at = skipSpace(text, end);
  return text.charCodeAt(at) === COLON ? skipSpace(text, at + 1) : REFUSED;
}

/** @param from where its first quote stands */
export function skipString(text: string, from: number): number {
  let at = from + 1;
  for (;;) {
    const near = at + NEAR;
    let unit = text.charCodeAt(at);
    while (isUnescaped(unit) && at < near) unit = text.charCodeAt(++at);
    if (at === near) {
      at = match(UNESCAPED, text, at);
      unit = text.charCodeAt(at);
    }
    if (unit === QUOTE) return at + 1;
    if (unit !== BACKSLASH) return REFUSED;
    at = match(ESCAPES, text, at);
    if (at === REFUSED) return REFUSED;
  }
}

export function skipSpace(text: string, from: number): number {
  const near = from + NEAR;
  for (let at = from; at < near; at++) {
    if (!isSpace(text.charCodeAt(at))) return at;
  }
  return match(SPACES, text, near);
}

/** Of a list, those that are numbers or words and have another behind them. */
function skipItems(text: string, at: number, tally: ScanTally): number {
  const unit = text.charCodeAt(at);
  if (unit === QUOTE || unit === BRACE_OPEN || unit === BRACKET_OPEN) return at;
  const end = match(ITEMS, text, at);
  if (end === REFUSED) return at;
  tally.nested += countPieces(text, ",", at, end);
  return end;
}

/** A number, `true`, `false` or `null`. */
function skipPlain(text: string, at: number, unit: number): number {
  return unit === MINUS || (unit >= DIGIT_0 && unit <= DIGIT_9)
    ? skipNumber(text, at)
    : match(WORD, text, at);
}

function skipNumber(text: string, from: number): number {
  let at = text.charCodeAt(from) === MINUS ? from + 1 : from;
  const first = text.charCodeAt(at);
  if (!isDigit(first)) return REFUSED;
  at++;
  if (first !== DIGIT_0) while (isDigit(text.charCodeAt(at))) at++;
  const unit = text.charCodeAt(at);
  // Most numbers are whole.
  return unit === POINT || (unit | LOWER_CASE) === LETTER_E ? match(REST_OF_NUMBER, text, at) : at;
}

function match(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : REFUSED;
}

function isUnescaped(unit: number): boolean {
  return unit > BACKSLASH || (unit >= SPACE && unit !== QUOTE && unit !== BACKSLASH);
}

function isSpace(unit: number): boolean {
  return unit === SPACE || unit === 0x0a || unit === 0x0d || unit === 0x09;
}

function isDigit(unit: number): boolean {
  return unit >= DIGIT_0 && unit <= DIGIT_9;
}

/**
 * An object of few members that are no objects or lists, as lists have many of; and several of them: to enter a pattern takes
 * half as long as to match a row of a few dozen characters.
 */
function rowsWith(inside: string, before: string, after: string): readonly [RegExp, RegExp] {
  const member = `${STRING}${before}:${after}${SCALAR}`;
  const comma = `${before},${after}`;
  const flat = `\\{${inside}${member}(?:${comma}${member}){0,31}${inside}\\}`;
  return [new RegExp(flat, "y"), new RegExp(`${flat}(?:${comma}${flat}){0,31}`, "y")];
}

/** So far a loop of our own is sooner through a string than a pattern has begun. */
const NEAR = 24;

const PLAIN_UNITS = '[^"\\\\\\x00-\\x1f]*';
const ESCAPED = '\\\\(?:["\\\\/bfnrt]|u[0-9a-fA-F]{4})';
/** Of few escapes: what a pattern remembers of its way grows with their number. */
const STRING = `"${PLAIN_UNITS}(?:${ESCAPED}${PLAIN_UNITS}){0,8}"`;
const FRACTION = "(?:\\.[0-9]+)?(?:[eE][+-]?[0-9]+)?";
const PLAIN = `-?(?:0|[1-9][0-9]*)${FRACTION}|true|false|null`;
const SCALAR = `(?:${STRING}|${PLAIN})`;
const SPACE_RUN = "[ \\n\\r\\t]*";
/** With no more space than most programs write where nobody is to read it. */
const [ROW, ROWS] = rowsWith("", "", " ?");
const [SPACED_ROW, SPACED_ROWS] = rowsWith(SPACE_RUN, SPACE_RUN, SPACE_RUN);
const UNESCAPED = new RegExp(PLAIN_UNITS, "y");
const ESCAPES = new RegExp(`(?:${ESCAPED}){1,32}`, "y");
const SPACES = new RegExp(SPACE_RUN, "y");
const ITEMS = new RegExp(`(?:(?:${PLAIN}),${SPACE_RUN}){1,32}`, "y");
const REST_OF_NUMBER = new RegExp(FRACTION, "y");
const WORD = /true|false|null/y;

const SPACE = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const POINT = 0x2e;
const DIGIT_0 = 0x30;
const DIGIT_9 = 0x39;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const BRACKET_OPEN = 0x5b;
const BRACKET_CLOSE = 0x5d;
const LETTER_E = 0x65;
/** In characters. */
const PIECE = 128;

const BRACE_OPEN = 0x7b;
const BRACE_CLOSE = 0x7d;
/** From what opens to what closes, of both kinds. */
const CLOSES = 2;
/** What a capital letter lacks. */
const LOWER_CASE = 0x20;
