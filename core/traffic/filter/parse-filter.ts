import { suggestName } from "../../../sandbox/suggestion.ts";
import { type FieldName, fieldNames, fieldOf, fieldWords, findFieldName } from "./fields.ts";
import { FilterError } from "./filter-error.ts";
import { type FilterToken, readFilterTokens, type TermToken } from "./tokens.ts";
import type { FilterTest, FilterTree, FilterValue } from "./tree.ts";
import {
  findPatternProblem,
  findValueProblem,
  MOST_PATTERN_STEPS,
  readSteps,
  SIMPLER_PATTERN,
} from "./values.ts";

export const MOST_FILTER_LENGTH = 2_000;
export const MOST_FILTER_TESTS = 50;
const MOST_DEPTH = 20;
const MOST_PATTERNS = 5;

/**
 * A filter, read from its text:
 *
 *   either = both { "|" both }       also `or`
 *   both   = one { one }             also with `and` or `&` between them
 *   one    = ("!" | "-" | "not") one  |  "(" either ")"  |  [field operator] value
 *
 * @returns undefined for an empty text, which asks for nothing
 * @throws FilterError
 */
export function parseFilter(text: string): FilterTree | undefined {
  if (text.length > MOST_FILTER_LENGTH)
    throw new FilterError({ at: MOST_FILTER_LENGTH }, `expected at most ${MOST_FILTER_LENGTH} characters`);
  const tokens = readFilterTokens(text);
  let next = 0;
  let depth = 0;
  let tests = 0;
  let patterns = 0;
  let steps = 0;
  if (tokens.length === 0) return undefined;
  const tree = readEither();
  const rest = tokens[next];
  if (rest !== undefined) throw new FilterError(rest, "expected no `)` here, as no `(` is open");
  return tree;

  function readEither(): FilterTree {
    const parts = [readBoth()];
    while (take("or")) parts.push(readBoth());
    return joined("or", parts);
  }

  function readBoth(): FilterTree {
    const parts = [readOne()];
    while (take("and") || begins(tokens[next])) parts.push(readOne());
    return joined("and", parts);
  }

  function readOne(): FilterTree {
    const token = tokens[next++];
    if (token === undefined)
      throw new FilterError({ at: text.length }, "expected a value, or a field and a value");
    if (depth === MOST_DEPTH) throw new FilterError(token, `expected at most ${MOST_DEPTH} levels`);
    switch (token.type) {
      case "term":
        if (++tests > MOST_FILTER_TESTS)
          throw new FilterError(token, `expected at most ${MOST_FILTER_TESTS} conditions`);
        if (token.value.type === "pattern" && ++patterns > MOST_PATTERNS)
          throw new FilterError(token, `expected at most ${MOST_PATTERNS} patterns`);
        return withinSteps(token, readTest(token));
      case "not":
        return nested(() => ({ type: "not", of: readOne() }));
      case "open":
        return nested(() => {
          const inner = readEither();
          if (!take("close"))
            throw new FilterError(
              { at: text.length },
              `expected a \`)\` for the \`(\` at character ${token.at + 1}`,
            );
          return inner;
        });
      case "close":
      case "or":
      case "and":
        throw new FilterError(
          token,
          `expected a value, or a field and a value, got \`${text.slice(token.at, token.end)}\``,
        );
    }
  }

  function withinSteps({ value }: TermToken, read: FilterTest): FilterTest {
    if (read.value.type === "pattern") steps += readSteps(read.value);
    if (steps > MOST_PATTERN_STEPS) throw new FilterError(value, SIMPLER_PATTERN);
    return read;
  }

  function nested(read: () => FilterTree): FilterTree {
    depth++;
    const tree = read();
    depth--;
    return tree;
  }

  function take(type: FilterToken["type"]): boolean {
    if (tokens[next]?.type !== type) return false;
    next++;
    return true;
  }
}

/** What is wrong with a filter's text, and where; undefined: nothing. */
export function findFilterProblem(text: string): string | undefined {
  try {
    parseFilter(text);
    return undefined;
  } catch (error) {
    return (error as FilterError).message;
  }
}

function begins(token: FilterToken | undefined): boolean {
  return token?.type === "term" || token?.type === "not" || token?.type === "open";
}

function joined(type: "and" | "or", parts: readonly FilterTree[]): FilterTree {
  const [only] = parts;
  return only !== undefined && parts.length === 1 ? only : { type, of: parts };
}

function readTest(token: TermToken): FilterTest {
  const { field, value } = token;
  if (value.isOpen) throw new FilterError(value, 'expected a `"` at its end');
  const read: FilterValue =
    value.type === "pattern"
      ? { type: "pattern", source: value.text, flags: value.flags }
      : { type: value.type, text: value.text };
  if (field === undefined) {
    // Said alone it is what is asked for most.
    if (read.type === "word" && read.text === "marked")
      return { type: "test", field: "marked", key: "", operator: ":", value: { type: "word", text: "yes" } };
    const problem = read.type === "pattern" ? findPatternProblem(read) : undefined;
    if (problem !== undefined) throw new FilterError(value, problem);
    return { type: "test", field: undefined, key: "", operator: ":", value: read };
  }
  const name = readFieldName(token, field.name);
  const { hasKey = false } = fieldOf(name);
  if (hasKey && field.key === "")
    throw new FilterError(field, `expected a name behind ${name}, such as \`${name}.user\``);
  if (!hasKey && field.key !== "")
    throw new FilterError(field, `expected nothing between ${name} and its value, got ".${field.key}"`);
  const problem = findValueProblem(fieldOf(name), field.operator, read);
  if (problem !== undefined)
    throw new FilterError(
      value,
      `${problem} for ${name}, got ${value.text === "" ? "nothing" : `"${value.text}"`}`,
    );
  return { type: "test", field: name, key: field.key, operator: field.operator, value: read };
}

function readFieldName({ at, end }: TermToken, name: string): FieldName {
  const known = findFieldName(name);
  if (known !== undefined) return known;
  const near = suggestName(name, fieldWords);
  const hint = near === undefined ? `one of ${fieldNames.join(", ")}` : `did you mean ${near}`;
  throw new FilterError(
    { at, end },
    `expected the name of a field, got "${name}": ${hint}; in quotes it is looked for as a text`,
  );
}
