import type { LinearPattern } from "../../redaction/pattern.ts";
import { TrafficError } from "../errors.ts";

/**
 * How long one record, and all of a filter, may take beside traffic. A filter is a reader's, and what it meets is of any client: together
 * they must not hold up whoever looks.
 *
 * Between two texts the look may stop: what is answered already is kept, and asked again it goes on from there. Within a text a pattern
 * cannot stop; so it gets the beginning first, then more of it, until a beginning takes too long.
 */
export interface RecordLook {
  /** Before each record, and before the same one again. */
  begin(record: object): void;
  /** Whether it stopped, and all answers since `begin` mean nothing. */
  readonly isUnfinished: boolean;
  /** The next answer of this record: each time in the same order. */
  ask(find: () => boolean): boolean;
  /** @returns whether a text fits. @throws TrafficError `ERR_TRAFFIC_PATTERN` when it takes too long */
  watch(pattern: LinearPattern): (text: string) => boolean;
  lower(text: string): string;
}

/** So much of one text a pattern sees, and of all texts of a record. */
export const MOST_PATTERN_TEXT = 16 * 1024;
export const MOST_PATTERN_RECORD = 64 * 1024;
/** What the patterns of one filter may take in all, in milliseconds of the processor. */
export const MOST_PATTERN_MS = 2_000;
/** Characters that are added at once. */
const STEP = 2 * 1024;
const STRETCH_MS = 5;
const MOST_BEGINNING_MS = 8;
/** A short text is made small faster than it is found. */
const LONG_TEXT = 1024;

export function createLook(mostPatternMs: number): RecordLook {
  const answers: boolean[] = [];
  const lowered = new Map<string, string>();
  let of: object | undefined;
  let next = 0;
  let end = 0;
  let isUnfinished = false;
  let round = 0;
  let patternMs = 0;

  return {
    begin(record) {
      if (record !== of) {
        of = record;
        answers.length = 0;
        lowered.clear();
        round++;
      }
      next = 0;
      end = 0;
      isUnfinished = false;
    },
    get isUnfinished() {
      return isUnfinished;
    },
    ask(find) {
      const known = answers[next++];
      if (known !== undefined) return known;
      if (isUnfinished) return false;
      const now = performance.now();
      if (end === 0) end = now + STRETCH_MS;
      isUnfinished = now > end;
      if (isUnfinished) return false;
      const answer = find();
      answers.push(answer);
      return answer;
    },
    watch(pattern) {
      let seen = 0;
      let seenIn = 0;
      return (text) => {
        if (seenIn !== round) seen = 0;
        seenIn = round;
        const wanted = Math.min(text.length, MOST_PATTERN_TEXT, MOST_PATTERN_RECORD - seen);
        seen += wanted;
        return hasWithin(pattern, text, wanted);
      };
    },
    lower(text) {
      if (text.length < LONG_TEXT) return text.toLowerCase();
      const made = lowered.get(text) ?? text.toLowerCase();
      lowered.set(text, made);
      return made;
    },
  };

  function hasWithin(pattern: LinearPattern, text: string, wanted: number): boolean {
    let length = 0;
    while (true) {
      length = Math.min(wanted, length + STEP);
      const beginning = length === text.length ? text : text.slice(0, length);
      let [isFound, ms] = time(pattern, beginning);
      // What is collected meanwhile is no fault of the pattern.
      if (ms > MOST_BEGINNING_MS) [isFound, ms] = time(pattern, beginning);
      if (ms > MOST_BEGINNING_MS || patternMs > mostPatternMs) throw tooSlow(ms > MOST_BEGINNING_MS);
      if (length === wanted) return isFound;
    }
  }

  function time(pattern: LinearPattern, text: string): readonly [isFound: boolean, ms: number] {
    const { user, system } = process.threadCpuUsage();
    const isFound = pattern.has(text);
    const after = process.threadCpuUsage();
    const ms = (after.user + after.system - user - system) / 1000;
    patternMs += ms;
    return [isFound, ms];
  }
}

function tooSlow(isOfOne: boolean): TrafficError {
  const what = isOfOne ? "on one of the records" : "on all that is recorded";
  const message = `a pattern of the filter takes too long ${what}: look for a text, for a pattern without repetitions such as {9,99}, or on one session or route`;
  return new TrafficError("ERR_TRAFFIC_PATTERN", message);
}
