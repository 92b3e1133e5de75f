import { createTypeWriter, keyOf } from "./schema-type.ts";

const typeOf = createTypeWriter({ openKey: "option", fillsDefaults: true, nameOf: () => undefined });

/**
 * The members of an interface that an editor checks and completes uses of policies by: each policy's name, and what a
 * config may give as its options. It lets pass whatever the schema lets pass, and more where a type cannot say it.
 *
 * @param schemas what policies export as `optionsSchema`, by the names of the policies
 */
export function renderOptionTypes(
  schemas: Readonly<Record<string, unknown>>,
  indent: string,
): readonly string[] {
  return Object.entries(schemas).map(
    ([name, schema]) => `${indent}readonly ${keyOf(name)}: ${typeOf(schema, indent)};`,
  );
}
