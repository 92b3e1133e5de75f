import { RE2JS } from "re2js";

/** A regular expression of somebody's, that meets texts of strangers. */
export interface LinearPattern {
  /** Beginning and end of each match that is not empty, in order. */
  find(text: string): readonly (readonly [start: number, end: number])[];
  has(text: string): boolean;
  /** Steps that each character of a text may cost. */
  readonly size: number;
  /** Whether it matches the empty text, and so everywhere. */
  readonly takesNothing: boolean;
}

const FLAGS: Readonly<Record<string, number>> = {
  i: RE2JS.CASE_INSENSITIVE,
  m: RE2JS.MULTILINE,
  s: RE2JS.DOTALL,
};

/**
 * By an automaton and not by trying: no text makes it take longer than its length does. So it knows no lookaround and no
 * backreference.
 *
 * @param pattern as JavaScript writes it
 * @throws Error that says what in the pattern cannot be compiled
 */
export function compileLinearPattern(pattern: string, flags: string): LinearPattern {
  const bits = [...flags].reduce((sum, flag) => sum | (FLAGS[flag] ?? 0), 0);
  const compiled = RE2JS.compile(RE2JS.translateRegExp(pattern), bits);
  return {
    has: (text) => compiled.test(text),
    size: compiled.programSize(),
    takesNothing: compiled.matcher("").find(),
    find(text) {
      const matcher = compiled.matcher(text);
      const found: [number, number][] = [];
      while (matcher.find())
        if (matcher.end() > matcher.start()) found.push([matcher.start(), matcher.end()]);
      return found;
    },
  };
}
