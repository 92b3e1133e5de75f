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
  /** Names with their quotes, which stand in any object that has them, unless that has escapes. */
  readonly #literals: readonly Buffer[];
  /** A bit for each name. */
  readonly #all: number;

  /** @param filter at most 31 names: `checkWhen` allows fewer */
  constructor(filter: JsonFilter) {
    const names = Object.keys(filter);
    this.#names = new StringTable(names);
    this.#values = Object.values(filter).map((values) => new AcceptedValues(values));
    this.#literals = names
      .map((name) => JSON.stringify(name))
      .filter((literal) => !literal.includes("\\"))
      .map((literal) => Buffer.from(literal))
      .filter(({ length }) => length <= MAX_SEARCHED);
    this.#all = 2 ** names.length - 1;
  }

  matches(bytes: Buffer): boolean {
    if (this.#isNowhere(bytes)) return false;
    const walk = this.#walk;
    let met = 0;
    walk.open(bytes, 0, bytes.length);
    while (walk.next()) met = this.#weigh(bytes, met);
    return walk.isWhole && met === this.#all;
  }

  /** A native search is many times as fast as a walk: without escapes a name stands there as it is, or not at all. */
  #isNowhere(bytes: Buffer): boolean {
    if (bytes.length < SEARCHED_FROM || bytes.includes(BACKSLASH)) return false;
    return !this.#literals.every((literal) => bytes.includes(literal));
  }

  /** What is met, with the member that the walk is at. */
  #weigh(bytes: Buffer, met: number): number {
    const { keyStart, keyEnd, isKeyEscaped } = this.#walk;
    const place = this.#names.find(bytes, keyStart, keyEnd, isKeyEscaped);
    const values = this.#values[place];
    if (values === undefined) return met;
    return values.has(bytes, this.#walk) ? met | (1 << place) : met & ~(1 << place);
  }
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

/** Below it a walk is over before a search has begun. */
const SEARCHED_FROM = 256;
/** Node's search for more bytes may take a time that grows with their number as well. */
const MAX_SEARCHED = 192;

const QUOTE = 0x22;
const MINUS = 0x2d;
const DIGIT_0 = 0x30;
const DIGIT_9 = 0x39;
const BACKSLASH = 0x5c;
