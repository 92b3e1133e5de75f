import { type OutputUnit, type Schema, type SchemaDraft, Validator } from "@cfworker/json-schema";
import type { Content, JsonObject } from "framegate/policy";
import { textOf } from "./contents.ts";

/** Throws where the schema has what the validator would pass over. */
export function validatorFor(schema: JsonObject | boolean, draft: SchemaDraft): Validator {
  // It would let through what that forbids.
  if (/"\$dynamicRef":/.test(JSON.stringify(schema)))
    throw new Error("`$dynamicRef` is not supported in a schema");
  // The validator writes to its schema, and options are frozen.
  return new Validator(structuredClone(schema) as Schema, draft, false);
}

/** What a message holds; undefined when it is no JSON. */
export function jsonOf(content: Pick<Content, "body">): { readonly value: unknown } | undefined {
  const text = textOf(content);
  try {
    return text === undefined ? undefined : { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

const MAX_ERRORS = 5;

/** Says that something within is wrong, of which there is an error as well. */
const ECHO = /subschema|does not match (?:additional properties )?schema/i;

function wordError(error: string): string {
  return error === "False boolean schema." ? "is not allowed" : error;
}

/** Without those that only say that something within is wrong. */
export function describeErrors(errors: readonly OutputUnit[]): { path: string; message: string }[] {
  const causes = errors.filter(({ error }) => !ECHO.test(error));
  const shown = causes.length > 0 ? causes : errors;
  return shown.slice(0, MAX_ERRORS).map(({ instanceLocation, error }) => ({
    path: instanceLocation.replace(/^#/, ""),
    message: wordError(error),
  }));
}
