import type { JsonScalar } from "../policy-api.ts";
import { JsonMembers } from "./json-members.ts";
import { StringTable } from "./string-table.ts";

/** Names of top-level members, and for each the values that it may have. */
export type JsonFilter = Readonly<Record<string, readonly JsonScalar[]>>;

/**
 * Tells whether bytes are a JSON object whose members have the values that are asked for, as `JSON.parse` would read them:
 * of members of one name the last counts, and what is no JSON object has none. Nothing is decoded or made, but for what
 * is written with escapes, for numbers where one is asked for, and for strings where many are. What it takes grows with
 * the length of the bytes only.
 */
export class JsonMatcher {
  readonly #walk = new JsonMembers();
  readonly #names: StringTable;
  /** By the place of the name. */
  readonly #values: readonly AcceptedValues[];
  /** By the place of the name: what stands where a name does, unless there are escapes; undefined when it is not searched for. */
  readonly #literals: readonly (Buffer | undefined)[];
  /** A bit for each name. */
  readonly #all: number;

  /** @param filter at most 31 names: `checkWhen` allows fewer */
  constructor(filter: JsonFilter) {
    const names = Object.keys(filter);
    this.#names = new StringTable(names);
    this.#values = Object.values(filter).map((values) => new AcceptedValues(values));
    this.#literals = names.map(literalOf);
    this.#all = 2 ** names.length - 1;
  }

  matches(bytes: Buffer): boolean {
    // A search is several times as fast as a walk, and without escapes a name stands there as it is.
    const isShort = bytes.length < SEARCHED_FROM;
    if (isShort && lacks(bytes, this.#literals[0])) return false;
    const isSearched = !isShort && !bytes.includes(BACKSLASH);
    if (isSearched) for (const literal of this.#literals) if (isAbsent(bytes, 0, literal)) return false;
    const walk = this.#walk;
    let met = 0;
    walk.open(bytes, 0, bytes.length);
    while (walk.next()) {
      const place = this.#names.find(bytes, walk.keyStart, walk.keyEnd, walk.isKeyEscaped);
      const values = this.#values[place];
      if (values === undefined) continue;
      if (values.has(bytes, walk)) met |= 1 << place;
      else if (isSearched && isAbsent(bytes, walk.valueEnd, this.#literals[place])) {
        // No other member of this name comes: whatever else comes, it is not met.
        walk.close();
        return false;
      } else met &= ~(1 << place);
    }
    return walk.isWhole && met === this.#all;
  }
}

/** Without its first quote: a search is the faster the rarer its first byte is. */
function literalOf(name: string): Buffer | undefined {
  const literal = JSON.stringify(name);
  const bytes = Buffer.from(literal.slice(1));
  return literal.includes("\\") || bytes.length > MAX_SEARCHED ? undefined : bytes;
}

function isAbsent(bytes: Buffer, from: number, literal: Buffer | undefined): boolean {
  return literal !== undefined && !bytes.includes(literal, from);
}

/** Neither does the name stand there, nor an escape in which it could: in few bytes sooner seen than a native search begins. */
function lacks(bytes: Uint8Array, literal: Buffer | undefined): boolean {
  if (literal === undefined) return false;
  const first = literal[0];
  const { length } = bytes;
  for (let i = 0; i < length; i++) {
    const byte = bytes[i];
    if (byte === BACKSLASH || (byte === first && standsAt(bytes, i, literal))) return false;
  }
  return true;
}

function standsAt(bytes: Uint8Array, at: number, literal: Buffer): boolean {
  for (let i = 1; i < literal.length; i++) if (bytes[at + i] !== literal[i]) return false;
  return true;
}

/** Strings, numbers, booleans and null. */
class AcceptedValues {
  readonly #strings: StringTable | undefined;
  readonly #numbers: ReadonlySet<number>;
  /** First letters of `true`, `false` and `null`. */
  readonly #words: readonly number[];

  constructor(values: readonly JsonScalar[]) {
    const strings = values.filter((value) => typeof value === "string");
    this.#strings = strings.length === 0 ? undefined : new StringTable(strings);
    this.#numbers = new Set(values.filter((value) => typeof value === "number"));
    this.#words = values
      .filter((value) => typeof value === "boolean" || value === null)
      .map((value) => String(value).charCodeAt(0));
  }

  has(bytes: Buffer, { valueStart, valueEnd, isValueEscaped }: JsonMembers): boolean {
    const first = bytes[valueStart] as number;
    if (first === QUOTE)
      return (
        this.#strings !== undefined &&
        this.#strings.find(bytes, valueStart + 1, valueEnd - 1, isValueEscaped) !== -1
      );
    if (first === MINUS || (first >= DIGIT_0 && first <= DIGIT_9))
      return (
        this.#numbers.size > 0 && this.#numbers.has(Number(bytes.toString("latin1", valueStart, valueEnd)))
      );
    return this.#words.includes(first);
  }
}

/** Below it a native search takes longer to begin than one of our own to end. */
const SEARCHED_FROM = 256;
/** Node's search for more bytes may take a time that grows with their number as well. */
const MAX_SEARCHED = 192;

const QUOTE = 0x22;
const MINUS = 0x2d;
const DIGIT_0 = 0x30;
const DIGIT_9 = 0x39;
const BACKSLASH = 0x5c;
