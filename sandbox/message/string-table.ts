/**
 * Strings that are looked for among those of JSON, in bytes. One look costs the length of what stands there, however many
 * strings there are.
 */
export class StringTable {
  readonly #places: ReadonlyMap<string, number>;
  /** As they are written without escapes; undefined when only escapes can write one, for UTF-8 has no half characters. */
  readonly #written: readonly (Uint8Array | undefined)[];
  readonly #longest: number;

  /** @param texts each once */
  constructor(texts: readonly string[]) {
    this.#places = new Map(texts.map((text, place) => [text, place]));
    this.#written = texts.map((text) => (text.isWellFormed() ? new TextEncoder().encode(text) : undefined));
    this.#longest = Math.max(...texts.map(({ length }) => length));
  }

  /**
   * Which of them is what `bytes[from..to)` says, which stands between quotes.
   *
   * @param isEscaped whether with escapes
   * @returns its place among the texts; -1: none of them
   */
  find(bytes: Uint8Array, from: number, to: number, isEscaped: boolean): number {
    if (!isEscaped && this.#written.length <= FEW) return this.#findWritten(bytes, from, to);
    if (to - from > this.#longest * MOST_BYTES_A_UNIT) return -1;
    return this.#places.get(decodeString(bytes, from, to, isEscaped)) ?? -1;
  }

  #findWritten(bytes: Uint8Array, from: number, to: number): number {
    const written = this.#written;
    for (let place = 0; place < written.length; place++) {
      const one = written[place];
      if (one !== undefined && one.length === to - from && standsAt(bytes, from, one)) return place;
    }
    return -1;
  }
}

function standsAt(bytes: Uint8Array, from: number, one: Uint8Array): boolean {
  for (let i = 0; i < one.length; i++) if (bytes[from + i] !== one[i]) return false;
  return true;
}

function decodeString(bytes: Uint8Array, from: number, to: number, isEscaped: boolean): string {
  const { buffer, byteOffset } = bytes;
  const around = isEscaped ? 1 : 0;
  const text = Buffer.from(buffer, byteOffset + from - around, to - from + 2 * around).toString("utf8");
  return isEscaped ? JSON.parse(text) : text;
}

/** So many are compared byte for byte, without making a string. */
const FEW = 4;
/** As `\u0061`. What is longer than that is something else, however it is written. */
const MOST_BYTES_A_UNIT = 6;
