import { z } from "zod";
import { parseJsonPath } from "../../redaction/json-path.ts";
import { compileLinearPattern } from "../../redaction/pattern.ts";
import type { RedactionConfig } from "../../redaction/rules.ts";
import { flag, section, text } from "./schema-parts.ts";

const HEADER_NAME = "the name of a header";
const JSON_PATH = 'a path such as "$.card.number", "$.items[*].pin" or "$..ssn"';
const PATTERN_TEXT = 'a regular expression such as "\\\\d{16}", that does not match the empty text';

const RE2_TEXT =
  "a regular expression without lookaround and backreferences, for hostile texts must not make it slow";

const patternSchema = section(
  "RedactPatternInput",
  {
    pattern: text(PATTERN_TEXT).describe(
      "Regular expression as JavaScript writes it, without lookaround and backreferences.",
    ),
    flags: z
      .string({ error: "flags of i, m, s and u" })
      .regex(/^[imsu]*$/, { error: "flags of i, m, s and u" })
      .prefault("")
      .describe("Its flags, of i, m, s and u."),
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
    return compileLinearPattern(pattern, flags).takesNothing ? PATTERN_TEXT : undefined;
  } catch (error) {
    return `${RE2_TEXT} (${(error as Error).message.replace(/^error parsing regexp: /, "")})`;
  }
}
