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

function* optionsOf(schema: unknown): Generator<[string, Schema]> {
  if (typeof schema !== "object" || schema === null) return;
  const { properties, ...others } = schema as Schema;
  yield* Object.entries((properties ?? {}) as Record<string, Schema>);
  for (const part of [...Object.values(properties ?? {}), ...Object.values(others)]) yield* optionsOf(part);
}
