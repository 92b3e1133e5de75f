import type { FilterOperator } from "./tree.ts";

interface Place {
  readonly at: number;
  readonly end: number;
}

export interface FieldToken extends Place {
  readonly name: string;
  readonly key: string;
  readonly operator: FilterOperator;
}

export interface ValueToken extends Place {
  readonly type: "word" | "quoted" | "pattern";
  readonly text: string;
  /** Of a pattern. */
  readonly flags: string;
  /** Its closing quote is missing. */
  readonly isOpen: boolean;
}

export interface TermToken extends Place {
  readonly type: "term";
  readonly field: FieldToken | undefined;
  readonly value: ValueToken;
}

export type FilterToken = TermToken | (Place & { readonly type: "open" | "close" | "or" | "and" | "not" });

const SIGNS: Readonly<Record<string, "open" | "close" | "or" | "and" | "not">> = {
  "(": "open",
  ")": "close",
  "|": "or",
  "&": "and",
  "!": "not",
  "-": "not",
};
/** A map, for a word may be `constructor` or `__proto__` as well. */
const WORDS: ReadonlyMap<string, "or" | "and" | "not"> = new Map([
  ["or", "or"],
  ["and", "and"],
  ["not", "not"],
]);

const SPACE = /\s+/y;
/** `name`, `name.key` or `name."any key"`, and what follows it: how its value is to compare. */
const FIELD = /([A-Za-z]+)(?:\.(?:"((?:[^"\\]|\\.)*)"|([\w.-]+)))?(!=|:?[<>]=?|[:=])/y;
const WORD = /[^\s()|]+/y;
const QUOTED = /"((?:[^"\\]|\\.)*)("?)/y;
/** Ends where a word would: what goes on behind the last slash is no pattern, but a path. */
const PATTERN = /\/((?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+)\/([ims]*)(?=[\s()|]|$)/y;
const PATTERN_OF_FIELD = /\/((?:[^/\\[\s]|\\\S|\[(?:[^\]\\\s]|\\\S)*\])+)\/([ims]*)(?=[\s()|]|$)/y;

/** The parts of a filter's text, whether or not they make one: nothing is thrown. */
export function readFilterTokens(text: string): readonly FilterToken[] {
  const tokens: FilterToken[] = [];
  let at = 0;
  const match = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found !== null) at = pattern.lastIndex;
    return found;
  };
  while (true) {
    match(SPACE);
    if (at >= text.length) return tokens;
    const start = at;
    const sign = SIGNS[text[at]!];
    if (sign !== undefined) {
      at++;
      tokens.push({ type: sign, at: start, end: at });
      continue;
    }
    const field = readField();
    const value = readValue(field !== undefined);
    const word =
      field === undefined && value.type === "word" ? WORDS.get(value.text.toLowerCase()) : undefined;
    if (word === undefined) tokens.push({ type: "term", at: start, end: at, field, value });
    else tokens.push({ type: word, at: start, end: at });
  }

  function readField(): FieldToken | undefined {
    const start = at;
    const [, name, quotedKey, key, sign] = match(FIELD) ?? [];
    if (name === undefined || sign === undefined) return undefined;
    return {
      at: start,
      end: at,
      name,
      key: quotedKey === undefined ? (key ?? "") : unquote(quotedKey),
      operator: sign.replace(/^:(?=.)/, "") as FilterOperator,
    };
  }

  function readValue(isOfField: boolean): ValueToken {
    const start = at;
    const quoted = match(QUOTED);
    if (quoted !== null) {
      const [, inner = "", closing] = quoted;
      return { type: "quoted", text: unquote(inner), flags: "", isOpen: closing === "", at: start, end: at };
    }
    const pattern = match(isOfField ? PATTERN_OF_FIELD : PATTERN);
    if (pattern !== null) {
      const [, source = "", flags = ""] = pattern;
      return { type: "pattern", text: source, flags, isOpen: false, at: start, end: at };
    }
    const word = match(WORD)?.[0] ?? "";
    return { type: "word", text: word, flags: "", isOpen: false, at: start, end: at };
  }
}

function unquote(text: string): string {
  return text.replace(/\\(.)/gs, "$1");
}
