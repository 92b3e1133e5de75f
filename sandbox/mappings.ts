/**
 * The `mappings` of a source map (ECMA-426), looked up and not unfolded: whoever made the map of a pack also decides how
 * much it unfolds to. Its text is read once, to note the state of the decoder here and there; each search then reads on
 * from the note before the place. Both take a time that grows with the text alone, and hold little beside it.
 *
 *   "AAAA,CAAC;EAAE"     ; a line     , a segment     each segment adds to the values of the one before
 */
export interface Mappings {
  /** Which original place the column belongs to. Lines and columns count from 0. */
  find(line: number, column: number): OriginalPlace | undefined;
}

export interface OriginalPlace {
  /** An index of the map's `sources`. */
  readonly source: number;
  readonly line: number;
  readonly column: number;
}

/** Separators between two notes. */
const NOTE_EVERY = 256;

const COMMA = 44;
const SEMICOLON = 59;
const CONTINUED = 32;
const DIGIT_BITS = 5;
const DIGIT_MASK = 31;

/** By character: what a digit of base64 stands for. */
const digits = new Uint8Array(128);
for (const [value, digit] of [
  ..."ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
].entries()) {
  digits[digit.charCodeAt(0)] = value;
}

export function readMappings(text: string): Mappings {
  const notes: Decoder[] = [];
  const scout = new Decoder(text);
  do notes.push(scout.copy());
  while (scout.skip(NOTE_EVERY));

  /** The last one that is not behind the place. */
  function noteBefore(line: number, column: number): Decoder {
    let low = 0;
    let high = notes.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((notes[middle] as Decoder).isBehind(line, column)) high = middle - 1;
      else low = middle;
    }
    return (notes[low] as Decoder).copy();
  }

  return {
    find(line, column) {
      const decoder = noteBefore(line, column);
      let found = decoder.isIn(line) ? decoder.place() : undefined;
      while (decoder.next() && !decoder.isBehind(line, column)) {
        if (decoder.isIn(line) && decoder.isAtSegment) found = decoder.place();
      }
      return found;
    },
  };
}

/** Walks over the segments, one at a time. */
class Decoder {
  readonly #text: string;
  #at = 0;
  #line = 0;
  #column = 0;
  #source = 0;
  #originalLine = 0;
  #originalColumn = 0;
  /** How many values the segment has. */
  #fields = 0;

  constructor(text: string) {
    this.#text = text;
  }

  copy(): Decoder {
    const copy = new Decoder(this.#text);
    copy.#at = this.#at;
    copy.#line = this.#line;
    copy.#column = this.#column;
    copy.#source = this.#source;
    copy.#originalLine = this.#originalLine;
    copy.#originalColumn = this.#originalColumn;
    copy.#fields = this.#fields;
    return copy;
  }

  /** Not between two separators with nothing between them. */
  get isAtSegment(): boolean {
    return this.#fields > 0;
  }

  isIn(line: number): boolean {
    return this.#line === line;
  }

  isBehind(line: number, column: number): boolean {
    return this.#line > line || (this.#line === line && this.#fields > 0 && this.#column > column);
  }

  /** Undefined: this part of the code was made of nothing that the author wrote. */
  place(): OriginalPlace | undefined {
    if (this.#fields < 4) return undefined;
    return { source: this.#source, line: this.#originalLine, column: this.#originalColumn };
  }

  /** @returns whether there was so much */
  skip(separators: number): boolean {
    for (let i = 0; i < separators; i++) if (!this.next()) return false;
    return true;
  }

  /** To the end of the next segment, or of the next empty line. @returns whether there was one */
  next(): boolean {
    const text = this.#text;
    if (this.#at >= text.length) return false;
    if (text.charCodeAt(this.#at) === SEMICOLON) {
      this.#line++;
      this.#column = 0;
      this.#fields = 0;
      this.#at++;
      return true;
    }
    if (text.charCodeAt(this.#at) === COMMA) this.#at++;
    this.#readSegment();
    return true;
  }

  #readSegment(): void {
    const text = this.#text;
    let field = 0;
    let value = 0;
    let shift = 0;
    for (; this.#at < text.length; this.#at++) {
      const code = text.charCodeAt(this.#at);
      if (code === COMMA || code === SEMICOLON) break;
      const digit = digits[code] ?? 0;
      value |= (digit & DIGIT_MASK) << shift;
      shift += DIGIT_BITS;
      if ((digit & CONTINUED) !== 0) continue;
      this.#add(field++, (value & 1) === 0 ? value >>> 1 : -(value >>> 1));
      value = shift = 0;
    }
    this.#fields = field;
  }

  /** As int32s: what a forged map adds up to stays a number that is handled as fast as any. */
  #add(field: number, value: number): void {
    if (field === 0) this.#column = (this.#column + value) | 0;
    else if (field === 1) this.#source = (this.#source + value) | 0;
    else if (field === 2) this.#originalLine = (this.#originalLine + value) | 0;
    else if (field === 3) this.#originalColumn = (this.#originalColumn + value) | 0;
  }
}
