/** Runs in a sandbox, with a schema of anybody's: see `check-in-sandbox.ts`. */
import type { Options } from "./checked-options.ts";
import type { Formats } from "./format-names.ts";
import { validateOptions } from "./validate.ts";

/** Of the options only what a default has changed, by name: most stay as they are, and some are long. */
export type CheckAnswer = { readonly changed: Options } | { readonly problem: string };

/** @param question JSON of a schema and options. @returns the exports of a policy whose `optionsSchema` is the answer */
export function answer(question: string, formats?: Formats): { readonly optionsSchema: CheckAnswer } {
  const [schema, given] = JSON.parse(question) as readonly [unknown, Options];
  const checked = validateOptions(schema, given, formats);
  if ("problem" in checked) return { optionsSchema: checked };
  const changed = Object.entries(checked.options).filter(
    ([name, value]) => JSON.stringify(value) !== JSON.stringify(given[name]),
  );
  return { optionsSchema: { changed: Object.fromEntries(changed) } };
}
