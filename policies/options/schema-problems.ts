import type { ErrorObject } from "ajv";
import { suggestName } from "../../sandbox/suggestion.ts";
import { showValue } from "../shown-value.ts";
import type { Formats } from "./format-names.ts";
import { describeAlternatives, findAlternatives } from "./schema-alternatives.ts";
import { errorKeys, type Missing, nameOption, show } from "./schema-places.ts";

const MOST_TOLD = 8;

/** Each form of a list's entries brings some for each entry. */
const MOST_READ = 500;

/** @returns what is wrong with a text; undefined: it is what it should be */
export type ProblemInText = (text: string, format: keyof Formats) => string | undefined;

/**
 * All that a schema has against options, in one sentence: names that are none first, then what is missing, then values.
 * What a misspelt name explains is not told again as missing.
 */
export function describeSchemaErrors(errors: readonly ErrorObject[], problemInText: ProblemInText): string {
  const { unions, plain } = findAlternatives(errors.slice(0, MOST_READ));
  const meant = unions.flatMap((union) => ("meant" in union ? union.meant : []));
  const all = [...plain, ...meant].filter(({ propertyName }) => propertyName === undefined);
  const unknown = all.filter(isUnknownName).map(describeUnknown);
  const typos = new Set(unknown.map(({ suggested }) => suggested));
  const isExplained = (places: readonly Missing[]) =>
    places.some(({ error, key }) => typos.has(nameOption(error, key)));
  const missing = all
    .filter(({ keyword }) => keyword === "required")
    .map((error) => ({ error, key: String(error.params.missingProperty) }))
    .filter((place) => !isExplained([place]))
    .map(({ error, key }) => `option \`${nameOption(error, key)}\`: expected it, but it is missing`);
  const alternatives = unions
    .filter((union) => !("meant" in union) && !isExplained(union.places))
    .map((union) => ("meant" in union ? "" : describeAlternatives(union)));
  const absent = [...unknown.map(({ text }) => text), ...missing, ...alternatives];
  const values = all
    .filter((error) => !isUnknownName(error) && error.keyword !== "required" && error.keyword !== "if")
    // What holds for other values only if a name is there, or is not, is for when the names are right.
    .filter(({ schemaPath }) => absent.length === 0 || !/\/(?:then|else)\//.test(schemaPath))
    .map((error) => describeValue(error, problemInText));
  const told = [...new Set([...absent, ...values])];
  const rest = told.length - MOST_TOLD;
  return [...told.slice(0, MOST_TOLD), ...(rest > 0 ? [`and ${rest} more`] : [])].join("; ");
}

function isUnknownName({ keyword }: ErrorObject): boolean {
  return keyword === "additionalProperties" || keyword === "propertyNames";
}

function describeUnknown(error: ErrorObject) {
  const { params, parentSchema } = error;
  const known = parentSchema?.propertyNames?.enum ?? Object.keys(parentSchema?.properties ?? {});
  const name: string = params.additionalProperty ?? params.propertyName;
  const near = suggestName(name, known.map(String));
  const listed = known.length === 0 ? "" : ` (known here: ${known.join(", ")})`;
  const hint = near === undefined ? listed : ` (did you mean \`${near}\`?)`;
  return {
    text: `option \`${nameOption(error, name)}\`: unknown${hint}`,
    suggested: near === undefined ? undefined : nameOption(error, near),
  };
}

function describeValue(error: ErrorObject, problemInText: ProblemInText): string {
  const option = `option \`${nameOption(error)}\``;
  const inText =
    error.keyword === "format" ? problemInText(error.data as string, error.params.format) : undefined;
  if (inText !== undefined) return `${option}: ${inText}`;
  return `${option}: expected ${expectationOf(error)}, got ${showValue(errorKeys(error), error.data)}`;
}

function expectationOf({ keyword, params, message = "" }: ErrorObject): string {
  if (keyword === "type") return [params.type].flat().join(" or ");
  if (keyword === "enum") return (params.allowedValues as unknown[]).map((value) => show(value)).join(" or ");
  if (keyword === "const") return show(params.allowedValue);
  return message
    .replace(/^must NOT have /, "no ")
    .replace(/^must NOT be valid$/, "something else")
    .replace(/^must match (?:a|exactly one) schema in \w+$/, "one of the forms that the schema has")
    .replace(/^must match /, "a match of ")
    .replace(/^must (?:be|have) /, "");
}
