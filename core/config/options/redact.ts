import { z } from "zod";
import { parseJsonPath } from "../../redaction/json-path.ts";
import type { RedactionConfig } from "../../redaction/rules.ts";
import { flag, section, text } from "./schema-parts.ts";

const HEADER_NAME = "the name of a header";
const JSON_PATH = 'a path such as "$.card.number", "$.items[*].pin" or "$..ssn"';
const PATTERN_TEXT = 'a regular expression such as "\\\\d{16}", that does not match the empty text';

const patternSchema = section(
  "RedactPatternInput",
  {
    pattern: text(PATTERN_TEXT).describe("Regular expression, as JavaScript has it."),
    flags: z
      .string({ error: "flags of i, m, s, u and v" })
      .regex(/^[imsuv]*$/, { error: "flags of i, m, s, u and v" })
      .prefault("")
      .describe("Its flags, of i, m, s, u and v."),
  },
  'an object such as { pattern: "\\\\d{16}" }',
).superRefine(({ pattern, flags }, context) => {
  const message = findFault(pattern, flags);
  if (message !== undefined) context.addIssue({ code: "custom", path: ["pattern"], message });
});

export const redactSchema = section(
  "RedactInput",
  {
    defaults: flag()
      .prefault(true)
      .describe("Whether the usual secrets are hidden too: credentials in headers, queries, JSON and texts."),
    headers: z
      .array(text(HEADER_NAME).regex(/^[\w!#$%&'*+.^`|~-]+$/, { error: HEADER_NAME }), {
        error: "a list of header names",
      })
      .prefault([])
      .describe("Headers whose values are hidden."),
    query: z
      .array(text("the name of a parameter"), { error: "a list of names" })
      .prefault([])
      .describe("Query parameters, and names before a `=` or `:` in any text, whose values are hidden."),
    json: z
      .array(
        text(JSON_PATH).refine((path) => parseJsonPath(path) !== undefined, { error: JSON_PATH }),
        {
          error: "a list of paths",
        },
      )
      .prefault([])
      .describe(
        'Paths of the values that are hidden in JSON, such as "$.card.number", "$.items[*].pin" or "$..ssn".',
      ),
    patterns: z
      .array(patternSchema, { error: 'a list such as [{ pattern: "\\\\d{16}" }]' })
      .prefault([])
      .describe("Regular expressions whose matches are hidden in any text."),
  },
  'an object such as { json: ["$..ssn"] }',
);

export type RedactConfig = RedactionConfig;

/** What is wrong with a pattern, or undefined. */
function findFault(pattern: string, flags: string): string | undefined {
  try {
    if (new RegExp(pattern, flags).test("")) return PATTERN_TEXT;
  } catch (error) {
    return `a regular expression (${(error as Error).message})`;
  }
  if (hasNestedRepetition(pattern))
    return "a regular expression without a repetition of a repetition or of a choice, such as (a+)+ or (a|b)*: a hostile text could stop the gateway with it";
  return undefined;
}

/**
 * Whether a group that is repeated without a bound has such a repetition, or a choice, in it: what makes most of the
 * patterns that take a time exponential in their text's length.
 */
function hasNestedRepetition(pattern: string): boolean {
  const plain = pattern.replace(/\\./gs, "x").replace(/\[[^\]]*\]/g, "x");
  const groups: boolean[] = [];
  let isRisky = false;
  for (let at = 0; at < plain.length; at++) {
    const char = plain[at];
    if (char === "(") {
      groups.push(isRisky);
      isRisky = false;
    } else if (char === ")") {
      const isRepeated = /^(?:[*+]|\{\d+,\})/.test(plain.slice(at + 1));
      if (isRepeated && isRisky) return true;
      const wasRisky = groups.pop() ?? false;
      isRisky = isRisky || wasRisky;
    } else if (char === "|" || char === "*" || char === "+" || /^\{\d+,\}/.test(plain.slice(at))) {
      isRisky = true;
    }
  }
  return false;
}
