import test from "ava";
import { buildJsonSchema } from "../../core/config/index.ts";

type Schema = { readonly [key: string]: unknown };

test("every option is described, with its default", (t) => {
  const options = [...optionsOf(buildJsonSchema())];
  t.true(options.length > 30);
  for (const [name, option] of options) {
    t.is(typeof option.description, "string", name);
    if (["string", "number", "boolean"].includes(typeof option.default)) {
      t.true(String(option.description).endsWith(` Default: ${JSON.stringify(option.default)}.`), name);
    }
  }
});

test("unknown keys are marked in an editor too", (t) => {
  t.is(buildJsonSchema().additionalProperties, false);
});

test("an editor offers the gateway's own policies, by name and in `use`", (t) => {
  const [, list] = anyOf(partOf(buildJsonSchema(), "routes", "items", "policies"));
  const [name, use] = anyOf(partOf(list, "items"));
  for (const place of [name, partOf(use, "use")])
    t.true((place as { readonly examples: readonly string[] }).examples.includes("@framegate/standard/jwt"));
});

function partOf(schema: unknown, ...names: readonly string[]): unknown {
  return names.reduce((part, name) => {
    const { properties = {}, [name]: own } = part as Schema;
    return own ?? (properties as Schema)[name];
  }, schema);
}

function anyOf(schema: unknown): readonly unknown[] {
  return (schema as { readonly anyOf: readonly unknown[] }).anyOf;
}

function* optionsOf(schema: unknown): Generator<[string, Schema]> {
  if (typeof schema !== "object" || schema === null) return;
  const { properties, ...others } = schema as Schema;
  yield* Object.entries((properties ?? {}) as Record<string, Schema>);
  for (const part of [...Object.values(properties ?? {}), ...Object.values(others)]) yield* optionsOf(part);
}
