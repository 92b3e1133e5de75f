import { isObject } from "../is-object.ts";

/** The keywords of a JSON Schema that a type can say; a policy's author may have written anything. */
interface Schema {
  readonly type?: unknown;
  readonly enum?: unknown;
  readonly const?: unknown;
  readonly items?: unknown;
  readonly anyOf?: unknown;
  readonly oneOf?: unknown;
  readonly properties?: unknown;
  readonly required?: unknown;
  readonly additionalProperties?: unknown;
  readonly patternProperties?: unknown;
  readonly description?: unknown;
  readonly default?: unknown;
}

/** Deeper than anybody reads in an editor; and an `optionsSchema` may be as deep as it likes. */
const MAX_DEPTH = 8;
const NAMED: Readonly<Record<string, string>> = {
  string: "string",
  number: "number",
  integer: "number",
  boolean: "boolean",
  null: "null",
};

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
    ([name, schema]) => `${indent}readonly ${keyOf(name)}: ${typeOf(schema, indent, 0)};`,
  );
}

function typeOf(schema: unknown, indent: string, depth: number): string {
  if (!isObject(schema) || depth > MAX_DEPTH) return "unknown";
  const { type, anyOf, oneOf, properties, additionalProperties } = schema as Schema;
  const { const: only, enum: values = only === undefined ? undefined : [only] } = schema as Schema;
  if (Array.isArray(values)) return union(values.map(literalOf));
  const alternatives = anyOf ?? oneOf;
  if (type === undefined && properties === undefined && Array.isArray(alternatives)) {
    return union(alternatives.map((each) => typeOf(each, indent, depth + 1)));
  }
  const isOpenObject = type === undefined && (isObject(properties) || additionalProperties !== undefined);
  const types: readonly unknown[] = isOpenObject ? ["object"] : [type].flat();
  return union(types.map((each) => typeNamed(each, schema as Schema, indent, depth)));
}

function typeNamed(type: unknown, schema: Schema, indent: string, depth: number): string {
  if (type === "object") return objectType(schema, indent, depth);
  if (type === "array") {
    const items = Array.isArray(schema.items) ? "unknown" : typeOf(schema.items, indent, depth + 1);
    return `readonly ${items.includes(" | ") ? `(${items})` : items}[]`;
  }
  return (typeof type === "string" && Object.hasOwn(NAMED, type) && NAMED[type]) || "unknown";
}

function objectType(schema: Schema, indent: string, depth: number): string {
  const { properties, required, additionalProperties, patternProperties } = schema;
  const inner = `${indent}  `;
  const known = isObject(properties) ? Object.entries(properties) : [];
  const needed: readonly unknown[] = Array.isArray(required) ? required : [];
  const lines = known.flatMap(([name, property]) => {
    const mark = needed.includes(name) && !(isObject(property) && "default" in property) ? "" : "?";
    const type = typeOf(property, inner, depth + 1);
    return [...commentOn(property, inner), `${inner}readonly ${keyOf(name)}${mark}: ${type};`];
  });
  if (additionalProperties !== false || patternProperties !== undefined) {
    const rest =
      known.length === 0 && patternProperties === undefined
        ? typeOf(additionalProperties, inner, depth + 1)
        : "unknown";
    lines.push(`${inner}readonly [option: string]: ${rest};`);
  }
  return lines.length === 0 ? "Readonly<Record<string, never>>" : `{\n${lines.join("\n")}\n${indent}}`;
}

function commentOn(schema: unknown, indent: string): string[] {
  const { description, default: value } = (isObject(schema) ? schema : {}) as Schema;
  const parts = [
    ...(typeof description === "string" ? [description] : []),
    ...(value === undefined ? [] : [`Default: \`${JSON.stringify(value)}\`.`]),
  ];
  if (parts.length === 0) return [];
  // Whatever is in it, it ends where the comment ends.
  const text = parts.join(" ").replaceAll(/\s+/g, " ").replaceAll("*/", "*\\/");
  return [`${indent}/** ${text} */`];
}

function keyOf(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name);
}

function literalOf(value: unknown): string {
  return typeof value === "object" && value !== null ? "unknown" : (JSON.stringify(value) ?? "unknown");
}

function union(types: readonly string[]): string {
  return [...new Set(types)].join(" | ") || "unknown";
}
