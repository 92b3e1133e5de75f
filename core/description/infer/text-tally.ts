import { format as formats } from "@cfworker/json-schema";

/** What texts have been, in little room. */
export interface TextTally {
  readonly count: number;
  /** The different ones, with how often; undefined where there were more than a few, or long ones. */
  readonly distinct: ReadonlyMap<string, number> | undefined;
  /** That all of them had; undefined where there is none, or too few say so. */
  format(): string | undefined;
  add(text: string): void;
  merge(other: TextTally): void;
}

/** As the check of a message knows them, the strictest first. */
const FORMATS = ["uuid", "date-time", "date", "ipv4", "ipv6", "email", "uri"];
const MAX_DISTINCT = 32;
const MAX_LENGTH = 64;
/** Different texts that must have a format before it is believed. */
const ENOUGH_TEXTS = 5;

export function createTextTally(): TextTally {
  let count = 0;
  let distinct: Map<string, number> | undefined = new Map();
  let candidates = FORMATS;
  let last: string | undefined;
  /** How often a text was another than the one before it. */
  let turns = 0;

  function add(text: string, times = 1): void {
    count += times;
    if (text !== last) turns++;
    last = text;
    candidates = candidates.filter((name) => fits(name, text));
    distinct?.set(text, (distinct.get(text) ?? 0) + times);
    if (text.length > MAX_LENGTH || (distinct?.size ?? 0) > MAX_DISTINCT) distinct = undefined;
  }

  return {
    get count() {
      return count;
    },
    get distinct() {
      return distinct;
    },
    format: () => (Math.min(turns, distinct?.size ?? turns) >= ENOUGH_TEXTS ? candidates[0] : undefined),
    add: (text) => add(text),
    merge(other) {
      if (other.distinct !== undefined) {
        for (const [text, times] of other.distinct) add(text, times);
        return;
      }
      count += other.count;
      turns += other.count;
      distinct = undefined;
      const theirs = other.format();
      candidates = candidates.filter((name) => name === theirs);
    },
  };
}

/** Whatever has a colon is a URI to the letter; meant is one with an authority. */
function fits(name: string, text: string): boolean {
  return formats[name]?.(text) === true && (name !== "uri" || text.includes("://"));
}
