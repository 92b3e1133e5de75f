import { isObject } from "../../../policies/is-object.ts";

const MAX_DEPTH = 8;

/** A small value that fits a JSON Schema, as far as its plain keywords say: what the schema gives as an example, before what it allows. */
export function sampleValue(schema: unknown, depth = 0): unknown {
  if (!isObject(schema) || depth > MAX_DEPTH) return {};
  if ("const" in schema) return schema.const;
  for (const given of [schema.examples, schema.enum])
    if (Array.isArray(given) && given.length > 0) return given[0];
  if ("default" in schema) return schema.default;
  const choices = schema.oneOf ?? schema.anyOf;
  if (Array.isArray(choices) && !("type" in schema)) return sampleValue(choices[0], depth + 1);
  switch (Array.isArray(schema.type) ? schema.type[0] : schema.type) {
    case "string":
      return sampleText(schema);
    case "integer":
    case "number":
      return typeof schema.minimum === "number" ? schema.minimum : 1;
    case "boolean":
      return true;
    case "null":
      return null;
    case "array":
      return Number(schema.minItems ?? 0) > 0 ? [sampleValue(schema.items, depth + 1)] : [];
    default:
      return sampleObject(schema, depth);
  }
}

function sampleText({ format, minLength }: Readonly<Record<string, unknown>>): string {
  if (format === "date-time") return "2030-01-01T00:00:00Z";
  if (format === "date") return "2030-01-01";
  if (format === "uuid") return "00000000-0000-4000-8000-000000000000";
  if (format === "email") return "a@example.com";
  if (format === "uri") return "https://example.com/";
  return "hi".padEnd(typeof minLength === "number" ? Math.min(minLength, 64) : 0, "!");
}

function sampleObject({ required, properties }: Readonly<Record<string, unknown>>, depth: number): object {
  const known = isObject(properties) ? properties : {};
  const names = Array.isArray(required) ? required.map(String) : Object.keys(known).slice(0, 1);
  return Object.fromEntries(names.map((name) => [name, sampleValue(known[name] ?? {}, depth + 1)]));
}
