import test from "ava";
import { buildJsonSchema } from "../../core/config/index.ts";
import { readDocument, rowsOf, sectionOf } from "./documents.ts";

type Schema = { readonly [key: string]: unknown };

const root = buildJsonSchema() as Schema;

const tlsSchema = at(root, "properties", "listen", "items", "properties", "tls");

const sections: readonly (readonly [heading: string, schema: Schema])[] = [
  ["The file", root],
  ["listen", at(root, "properties", "listen", "items")],
  ["listen: tls", tlsSchema],
  ["listen: certificates", at(tlsSchema, "properties", "certificates", "items")],
  ["console", objectOf(at(root, "properties", "console"))],
  ["drain", at(root, "properties", "drain")],
  ["log", at(root, "properties", "log")],
  ["sandbox", at(root, "properties", "sandbox")],
  ["routes", at(root, "properties", "routes", "items")],
  ["routes: policies", useOf(at(root, "properties", "routes", "items", "properties", "policies"))],
];

for (const [heading, schema] of sections) {
  test(`docs/config.md has the options of "${heading}", each as the schema says, and no others`, async (t) => {
    const rows = rowsOf(sectionOf(await readDocument("docs/config.md"), heading).split(/^## /m)[0]);
    t.deepEqual(rows, Object.entries(at(schema, "properties")).map(describeOption(schema)));
  });
}

test("each part of the schema has its section", (t) => {
  t.is(countProperties(root), sections.flatMap(([, schema]) => Object.keys(at(schema, "properties"))).length);
});

function describeOption(schema: Schema) {
  const required = (schema.required ?? []) as readonly string[];
  return ([name, option]: [string, unknown]): string[] => {
    const text = String((option as Schema).description);
    const [, words, fallback] = /^(.*?)(?: Default: (.*)\.)?$/s.exec(text)!;
    const shown =
      fallback === undefined ? "" : /^["{]|^true$|^false$/.test(fallback) ? code(fallback) : fallback;
    return [code(name), kindOf(option as Schema), required.includes(name) ? "required" : shown, words];
  };
}

function code(text: string): string {
  return `\`${text}\``;
}

/** What may be written, in the words of the document's section on values. */
function kindOf(option: Schema): string {
  const parts = [option, ...((option.anyOf ?? []) as readonly Schema[])];
  const patterns = parts.map(({ pattern }) => String(pattern));
  if (patterns.some((pattern) => pattern.includes("KiB"))) return "size";
  if (patterns.some((pattern) => pattern.includes("ms|")))
    return parts.some((part) => part.const === 0) ? "duration or 0" : "duration";
  if (Array.isArray(option.enum)) return option.enum.map((value) => code(JSON.stringify(value))).join(", ");
  if (option.anyOf !== undefined) {
    const alternatives = option.anyOf as readonly Schema[];
    return alternatives
      .map((part) => ("const" in part ? code(JSON.stringify(part.const)) : String(part.type)))
      .join(" or ");
  }
  return String(option.type);
}

function at(schema: Schema, ...path: readonly string[]): Schema {
  return path.reduce((part, key) => part[key] as Schema, schema);
}

/** The object among what a chain may hold. */
function useOf(policies: Schema): Schema {
  const list = (policies.anyOf as readonly Schema[]).find(({ type }) => type === "array")!;
  return objectOf(list.items as Schema);
}

/** The object among the alternatives. */
function objectOf(schema: Schema): Schema {
  return (schema.anyOf as readonly Schema[]).find(({ type }) => type === "object")!;
}

/** The options of all objects. */
function countProperties(schema: unknown): number {
  if (typeof schema !== "object" || schema === null) return 0;
  const { properties = {}, ...others } = schema as { readonly properties?: Schema };
  const own = Object.keys(properties).length;
  const below = Object.values(properties).map(countProperties);
  const beside = Object.values(others).map(countProperties);
  return [own, ...below, ...beside].reduce((sum, count) => sum + count, 0);
}
