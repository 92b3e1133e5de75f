import { Ajv, type ErrorObject } from "ajv";
import { showValue } from "../shown-value.ts";
import { suggestName } from "../suggestion.ts";
import { type CheckedOptions, type Options, unusableSchema } from "./checked-options.ts";
import type { Formats } from "./format-names.ts";

/** Checks schemas; holds none of them. To compile what checks them takes longer than all the rest. */
const draft07 = new Ajv({ logger: false });

/**
 * For as long as the schema likes: run it where that harms nobody.
 *
 * @param schema what a policy exports as `optionsSchema`; undefined takes all options as they are
 * @param formats those that it may have; absent: none
 */
export function validateOptions(schema: unknown, given: Options, formats?: Formats): CheckedOptions {
  if (schema === undefined) return { options: given };
  const options = structuredClone(given) as Record<string, unknown>;
  try {
    const error = validate(schema, options, formats);
    return error === undefined ? { options } : { problem: describe(error, formats) };
  } catch (error) {
    return { problem: unusableSchema((error as Error).message) };
  }
}

/** Compiles what checks schemas. What is stopped while it does would be of no use to those that come later. */
export function prepareValidation(): void {
  draft07.validateSchema({});
}

/** Fills in defaults. Throws when the schema is none. */
function validate(
  schema: unknown,
  options: Record<string, unknown>,
  formats: Formats | undefined,
): ErrorObject | undefined {
  if (typeof schema !== "object" || schema === null) {
    throw new Error(`expected a JSON Schema, got ${show(schema)}`);
  }
  if (draft07.validateSchema(schema) !== true) throw new Error(draft07.errorsText(draft07.errors));
  // The schema is a policy's: it must neither print nor reach what `options` inherits.
  const ajv = new Ajv({
    meta: false,
    validateSchema: false,
    useDefaults: true,
    ownProperties: true,
    verbose: true,
    strictTypes: false,
    strictTuples: false,
    inlineRefs: false,
    formats: Object.fromEntries(
      Object.entries(formats ?? {}).map(([name, read]) => [
        name,
        (text) => problemIn(text, read) === undefined,
      ]),
    ),
    logger: false,
  });
  const isValid = ajv.compile(schema);
  if (isValid(options)) return undefined;
  // Of alternatives that all failed, the one that got farthest is what was meant.
  return isValid.errors!.reduce((best, error) => (depthOf(error) > depthOf(best) ? error : best));
}

/** Undefined: it is what it should be. */
function problemIn(text: string, read: (text: string) => unknown): string | undefined {
  try {
    read(text);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

function describe(error: ErrorObject, formats: Formats | undefined): string {
  const { keyword, params, parentSchema, data } = error;
  const option = (key?: string) => `option \`${pathOf(error, key)}\``;
  if (keyword === "required") return `${option(params.missingProperty)}: expected it, but it is missing`;
  if (keyword === "additionalProperties" || keyword === "propertyNames") {
    const known = Object.keys((parentSchema?.properties as object | undefined) ?? {});
    const name: string = params.additionalProperty ?? params.propertyName;
    const near = suggestName(name, known);
    const hint = near === undefined ? `known here: ${known.join(", ")}` : `did you mean \`${near}\`?`;
    return `${option(name)}: unknown; ${hint}`;
  }
  if (keyword === "format" && formats !== undefined)
    return `${option()}: ${problemIn(data as string, formats[params.format as keyof Formats])}`;
  return `${option()}: expected ${expectationOf(error)}, got ${showValue(keysOf(error), data)}`;
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

/** `/a/0/b` → `a[0].b` */
function pathOf(error: ErrorObject, key?: string): string {
  const keys = keysOf(error);
  const path = key === undefined ? keys : [...keys, key];
  const text = path.map((part) => (/^\d+$/.test(part) ? `[${part}]` : `.${part}`)).join("");
  return text.replace(/^\./, "") || "options";
}

function keysOf({ instancePath }: ErrorObject): string[] {
  return instancePath
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
}

function depthOf({ instancePath }: ErrorObject): number {
  return instancePath.split("/").length;
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}
