import { Ajv, type ErrorObject } from "ajv";
import { type CheckedOptions, type Options, unusableSchema } from "./checked-options.ts";
import type { Formats } from "./format-names.ts";
import { show } from "./schema-places.ts";
import { describeSchemaErrors } from "./schema-problems.ts";

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
    const errors = validate(schema, options, formats);
    if (errors === undefined) return { options };
    const problem = describeSchemaErrors(errors, (text, format) => {
      const read = formats?.[format];
      return read && problemIn(text, read);
    });
    return { problem };
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
): readonly ErrorObject[] | undefined {
  if (typeof schema !== "object" || schema === null) {
    throw new Error(`expected a JSON Schema, got ${show(schema)}`);
  }
  if (draft07.validateSchema(schema) !== true) throw new Error(draft07.errorsText(draft07.errors));
  // The schema is a policy's: it must neither print nor reach what `options` inherits.
  const ajv = new Ajv({
    meta: false,
    validateSchema: false,
    useDefaults: true,
    allErrors: true,
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
  return isValid(options) ? undefined : isValid.errors!;
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
