import { JsonSkip, UNSURE } from "./json-skip.ts";

/**
 * Walks over the members of a JSON object in bytes (RFC 8259), in one scan and without making anything, and accepts
 * exactly what `JSON.parse` accepts, however deep it is. That the bytes are UTF-8 is for others to check: no rule here
 * depends on it.
 *
 *         open                next                 next: nothing comes any more
 *   any ───────▶ at a member ───────▶ at a member ──────────────────────────────▶ whole
 *    │                │
 *    └────────────────┴──▶ refused: it is no JSON, or no object
 *
 * A name and a value are told as places in the bytes that were opened, and are valid until the next step. One walk can
 * be opened again and again.
 */
export class JsonMembers {
  // The name of the member, between its quotes.
  keyStart = 0;
  keyEnd = 0;
  /** The name is written with escapes. */
  isKeyEscaped = false;
  // The value of the member, with its quotes or brackets.
  valueStart = 0;
  valueEnd = 0;
  /** There are escapes in the value. */
  isValueEscaped = false;
  /** A JSON object lies there from the first byte to the last: known when `next` has given false. */
  isWhole = false;

  #bytes: Uint8Array = noBytes;
  #at = REFUSED;
  #end = 0;
  /** Where the last value may begin that is skipped in another way than byte by byte. */
  #farTo = 0;
  #isFirst = true;
  #isEscaped = false;
  /** What encloses a value, beyond the 32 innermost levels: 32 in each, of which 1 stands for an object. */
  readonly #outerLevels: number[] = [];
  readonly #far: JsonSkip;
  /** Of what skips long values; `NOT_HELD`: it has not been asked. */
  #ticket = NOT_HELD;

  constructor(far: JsonSkip = farSkip) {
    this.#far = far;
  }

  /** Begin with the object in `bytes[from..to)`. @returns false when none begins there */
  open(bytes: Uint8Array, from: number, to: number): boolean {
    if (this.#at !== REFUSED) this.#leave();
    this.#bytes = bytes;
    this.#end = to;
    this.#farTo = to - SHORT_BYTES;
    this.#isFirst = true;
    this.isWhole = false;
    const at = this.#skipSpace(from);
    if (this.#byteAt(at) !== BRACE_OPEN) return this.#leave();
    this.#at = at + 1;
    return true;
  }

  /** Go to the next member. @returns false when there is none, or what comes is no JSON: `isWhole` says which */
  next(): boolean {
    if (this.#at === REFUSED) return false;
    let at = this.#skipSpace(this.#at);
    const byte = this.#byteAt(at);
    if (byte === BRACE_CLOSE) {
      this.isWhole = this.#skipSpace(at + 1) === this.#end;
      return this.#leave();
    }
    if (!this.#isFirst) {
      if (byte !== COMMA) return this.#leave();
      at = this.#skipSpace(at + 1);
    }
    this.#isFirst = false;
    return this.#readMember(at);
  }

  /** Forget the bytes, as at the end of a walk: one that is kept must not keep them alive. */
  close(): void {
    this.#leave();
  }

  #leave(): false {
    this.#at = REFUSED;
    this.#bytes = noBytes;
    if (this.#outerLevels.length > 0) this.#outerLevels.length = 0;
    if (this.#ticket !== NOT_HELD) this.#far.letGo(this.#ticket);
    this.#ticket = NOT_HELD;
    return false;
  }

  #readMember(at: number): boolean {
    this.#isEscaped = false;
    const keyEnd = this.#skipString(at);
    if (keyEnd === REFUSED) return this.#leave();
    this.keyStart = at + 1;
    this.keyEnd = keyEnd - 1;
    this.isKeyEscaped = this.#isEscaped;
    const valueStart = this.#skipColon(keyEnd);
    this.#isEscaped = false;
    const valueEnd = valueStart === REFUSED ? REFUSED : this.#skipValue(valueStart);
    if (valueEnd === REFUSED) return this.#leave();
    this.valueStart = valueStart;
    this.valueEnd = valueEnd;
    this.isValueEscaped = this.#isEscaped;
    this.#at = valueEnd;
    return true;
  }

  /** The byte there; -1 behind the last. */
  #byteAt(at: number): number {
    return at < this.#end ? (this.#bytes[at] as number) : -1;
  }

  #skipSpace(from: number): number {
    const bytes = this.#bytes;
    const end = this.#end;
    let at = from;
    while (at < end && (bytes[at] as number) <= SPACE && isSpace(bytes[at] as number)) at++;
    return at;
  }

  #skipColon(from: number): number {
    const at = this.#skipSpace(from);
    return this.#byteAt(at) === COLON ? this.#skipSpace(at + 1) : REFUSED;
  }

  /**
   * A value with all that is in it. `levels` has a bit for each list (0) and object (1) that is open, the innermost last.
   *
   * @returns the place behind it, or `REFUSED`, as all that skip here
   */
  #skipValue(from: number): number {
    const bytes = this.#bytes;
    const end = this.#end;
    let near = end;
    let at = from;
    let depth = 0;
    let levels = 0;
    while (at !== REFUSED) {
      if (at > near) {
        const place = this.#skipFar(at, depth, levels);
        if (place !== UNSURE) return place;
        near = end;
      }
      const byte = at < end ? (bytes[at] as number) : -1;
      if (byte === BRACE_OPEN || byte === BRACKET_OPEN) {
        const inside = this.#skipSpace(at + 1);
        if (this.#byteAt(inside) !== byte + CLOSES) {
          if (depth === 0) near = this.#nearEnd(from);
          else if (depth % LEVELS_A_NUMBER === 0) this.#outerLevels.push(levels);
          depth++;
          if (depth === LEVELS_A_NUMBER && near < end) near = at;
          levels = (levels << 1) | (byte === BRACE_OPEN ? 1 : 0);
          at = byte === BRACE_OPEN ? this.#skipKey(inside) : inside;
          continue;
        }
        at = inside + 1;
      } else {
        at = this.#skipScalar(at, byte);
        if (at === REFUSED) return REFUSED;
      }
      // A value has ended, and with it perhaps some that enclose it.
      for (;;) {
        if (depth === 0) return at;
        if (at < end && (bytes[at] as number) <= SPACE) at = this.#skipSpace(at);
        const isObject = (levels & 1) === 1;
        const after = at < end ? (bytes[at] as number) : -1;
        if (after === COMMA) {
          at++;
          if (at < end && (bytes[at] as number) <= SPACE) at = this.#skipSpace(at);
          if (isObject) at = this.#skipKey(at);
          break;
        }
        if (after !== (isObject ? BRACE_CLOSE : BRACKET_CLOSE)) return REFUSED;
        at++;
        depth--;
        levels =
          depth > 0 && depth % LEVELS_A_NUMBER === 0 ? (this.#outerLevels.pop() as number) : levels >>> 1;
      }
    }
    return REFUSED;
  }

  /** Up to where a value is looked at byte by byte. */
  #nearEnd(from: number): number {
    return from < this.#farTo ? from + NEAR_BYTES : this.#end;
  }

  /** The rest of a value that is long or deep, from a value in it on; of a string with the depth 0. @returns also `UNSURE` */
  #skipFar(at: number, depth: number, levels: number): number {
    const far = this.#far;
    if (!far.holds(this.#ticket)) this.#ticket = far.hold(this.#bytes, this.#end);
    const place = depth === 0 ? far.skipQuoted(at) : far.skipNested(at, depth, levels);
    if (place === UNSURE) this.#farTo = 0;
    if (far.hadEscapes) this.#isEscaped = true;
    return place;
  }

  /** A name and its colon: most often there is nothing around that. */
  #skipKey(from: number): number {
    const at = this.#skipString(from);
    if (at === REFUSED) return REFUSED;
    const bytes = this.#bytes;
    const isTight = at + 1 < this.#end && bytes[at] === COLON && (bytes[at + 1] as number) > SPACE;
    return isTight ? at + 1 : this.#skipColon(at);
  }

  #skipScalar(at: number, byte: number): number {
    switch (byte) {
      case QUOTE:
        return this.#skipString(at);
      case 0x74:
        return this.#skipWord(at, TRUE);
      case 0x66:
        return this.#skipWord(at, FALSE);
      case 0x6e:
        return this.#skipWord(at, NULL);
      default:
        return this.#skipNumber(at);
    }
  }

  #skipString(from: number): number {
    const bytes = this.#bytes;
    const end = this.#end;
    if (from >= end || bytes[from] !== QUOTE) return REFUSED;
    const near = this.#nearEnd(from);
    let at = from + 1;
    for (;;) {
      while (at < near && isPlain[bytes[at] as number] === 1) at++;
      const byte = at < near ? (bytes[at] as number) : -1;
      if (byte === QUOTE) return at + 1;
      if (byte !== BACKSLASH) return near < end ? this.#skipFarString(from, at) : REFUSED;
      this.#isEscaped = true;
      at = this.#skipEscape(at + 1);
      if (at === REFUSED) return REFUSED;
    }
  }

  /** @param at how far it has been looked at */
  #skipFarString(from: number, at: number): number {
    const place = this.#skipFar(at, 0, 0);
    return place === UNSURE ? this.#skipString(from) : place;
  }

  /** From behind the backslash. @returns the place behind it */
  #skipEscape(at: number): number {
    const byte = this.#byteAt(at);
    if (byte !== LETTER_U) return SHORT_ESCAPES.includes(byte) ? at + 1 : REFUSED;
    for (let i = 1; i <= 4; i++) if (!isHexDigit(this.#byteAt(at + i))) return REFUSED;
    return at + 5;
  }

  #skipWord(at: number, word: readonly number[]): number {
    for (let i = 0; i < word.length; i++) if (this.#byteAt(at + i) !== word[i]) return REFUSED;
    return at + word.length;
  }

  #skipNumber(from: number): number {
    const bytes = this.#bytes;
    const end = this.#end;
    let at = from < end && bytes[from] === MINUS ? from + 1 : from;
    if (at < end && bytes[at] === DIGIT_0) at++;
    else {
      const first = at;
      while (at < end && isDigit(bytes[at] as number)) at++;
      if (at === first) return REFUSED;
    }
    let byte = at < end ? (bytes[at] as number) : -1;
    // Most numbers are whole.
    if (byte === POINT) {
      at = this.#skipDigits(at + 1);
      if (at === REFUSED) return REFUSED;
      byte = at < end ? (bytes[at] as number) : -1;
    }
    if ((byte | LOWER_CASE) !== LETTER_E) return at;
    const sign = this.#byteAt(at + 1);
    return this.#skipDigits(sign === PLUS || sign === MINUS ? at + 2 : at + 1);
  }

  /** One digit at least. */
  #skipDigits(from: number): number {
    const bytes = this.#bytes;
    const end = this.#end;
    let at = from;
    while (at < end && isDigit(bytes[at] as number)) at++;
    return at === from ? REFUSED : at;
  }
}

/** For one walk after the other. */
const farSkip = new JsonSkip();
const NOT_HELD = -1;
/** What comes is read sooner than it would be in that memory. */
const SHORT_BYTES = 512;
/** So is a value of a longer message that is not longer than this. */
const NEAR_BYTES = 128;

const noBytes = new Uint8Array(0);
const REFUSED = -1;
const LEVELS_A_NUMBER = 32;

const SPACE = 0x20;
const QUOTE = 0x22;
const PLUS = 0x2b;
const COMMA = 0x2c;
const MINUS = 0x2d;
const POINT = 0x2e;
const DIGIT_0 = 0x30;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const BRACKET_OPEN = 0x5b;
const BRACKET_CLOSE = 0x5d;
const LETTER_E = 0x65;
const LETTER_U = 0x75;
const BRACE_OPEN = 0x7b;
const BRACE_CLOSE = 0x7d;
/** From what opens to what closes, of both kinds. */
const CLOSES = 2;
/** What a capital letter lacks. */
const LOWER_CASE = 0x20;

// ASCII of `true`, `false`, `null`, and of what may stand behind a backslash, but for `u`.
const TRUE = [0x74, 0x72, 0x75, 0x65];
const FALSE = [0x66, 0x61, 0x6c, 0x73, 0x65];
const NULL = [0x6e, 0x75, 0x6c, 0x6c];
const SHORT_ESCAPES = [0x22, 0x5c, 0x2f, 0x62, 0x66, 0x6e, 0x72, 0x74];

/** Bytes that stand for themselves in a string: looking one up is cheaper than three comparisons. */
const isPlain = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= SPACE && byte !== QUOTE && byte !== BACKSLASH ? 1 : 0,
);

function isSpace(byte: number): boolean {
  return byte === SPACE || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

function isDigit(byte: number): boolean {
  return byte >= DIGIT_0 && byte <= 0x39;
}

function isHexDigit(byte: number): boolean {
  const letter = byte | LOWER_CASE;
  return isDigit(byte) || (letter >= 0x61 && letter <= 0x66);
}
