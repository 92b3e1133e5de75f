import { isObject } from "../is-object.ts";

/** The keywords of a JSON Schema that a type can say; its author may have written anything. */
interface Schema {
  readonly type?: unknown;
  readonly enum?: unknown;
  readonly const?: unknown;
  readonly $ref?: unknown;
  readonly items?: unknown;
  readonly allOf?: unknown;
  readonly anyOf?: unknown;
  readonly oneOf?: unknown;
  readonly properties?: unknown;
  readonly required?: unknown;
  readonly additionalProperties?: unknown;
  readonly patternProperties?: unknown;
  readonly description?: unknown;
  readonly default?: unknown;
}

/** What types of one use are written like. */
export interface TypeStyle {
  /** What members of other names are called, where a schema lets them be; undefined where types do not tell of them. */
  readonly openKey: string | undefined;
  /** Whether what has a default need not be given. */
  readonly fillsDefaults: boolean;
  /** The name of the type that a `$ref` means. */
  readonly nameOf: (ref: string) => string | undefined;
}

/** @param indent of the line that the type begins in */
export type WriteType = (schema: unknown, indent: string) => string;

/** Deeper than anybody reads in an editor; and a schema may be as deep as it likes. */
const MAX_DEPTH = 8;
const NAMED: Readonly<Record<string, string>> = {
  string: "string",
  number: "number",
  integer: "number",
  boolean: "boolean",
  null: "null",
};

/** Types let pass whatever their schema lets pass, and more where a type cannot say it. */
export function createTypeWriter({ openKey, fillsDefaults, nameOf }: TypeStyle): WriteType {
  return (schema, indent) => typeOf(schema, indent, 0);

  function typeOf(schema: unknown, indent: string, depth: number): string {
    if (!isObject(schema) || depth > MAX_DEPTH) return "unknown";
    const { $ref, allOf, ...rest } = schema as Schema;
    if (typeof $ref === "string") return nameOf($ref) ?? "unknown";
    if (!Array.isArray(allOf)) return typeOfAll(rest, indent, depth);
    const parts = [typeOfAll(rest, indent, depth), ...allOf.map((each) => typeOf(each, indent, depth + 1))];
    const said = [...new Set(parts)].filter((part) => part !== "unknown");
    return said.length === 1 ? said[0]! : said.map(inBrackets).join(" & ") || "unknown";
  }

  function typeOfAll(schema: Schema, indent: string, depth: number): string {
    const { type, anyOf, oneOf, properties, additionalProperties } = schema;
    const { const: only, enum: values = only === undefined ? undefined : [only] } = schema;
    if (Array.isArray(values)) return union(values.map(literalOf));
    const alternatives = anyOf ?? oneOf;
    if (type === undefined && properties === undefined && Array.isArray(alternatives)) {
      return union(alternatives.map((each) => typeOf(each, indent, depth + 1)));
    }
    const isOpenObject = type === undefined && (isObject(properties) || additionalProperties !== undefined);
    const types: readonly unknown[] = isOpenObject ? ["object"] : [type].flat();
    return union(types.map((each) => typeNamed(each, schema, indent, depth)));
  }

  function typeNamed(type: unknown, schema: Schema, indent: string, depth: number): string {
    if (type === "object") return objectType(schema, indent, depth);
    if (type === "array") {
      const items = Array.isArray(schema.items) ? "unknown" : typeOf(schema.items, indent, depth + 1);
      return `readonly ${inBrackets(items)}[]`;
    }
    return (typeof type === "string" && Object.hasOwn(NAMED, type) && NAMED[type]) || "unknown";
  }

  function objectType(schema: Schema, indent: string, depth: number): string {
    const { properties, required, additionalProperties, patternProperties } = schema;
    const inner = `${indent}  `;
    const known = isObject(properties) ? Object.entries(properties) : [];
    const needed: readonly unknown[] = Array.isArray(required) ? required : [];
    const lines = known.flatMap(([name, property]) => {
      const isFilled = fillsDefaults && isObject(property) && "default" in property;
      const mark = needed.includes(name) && !isFilled ? "" : "?";
      const type = typeOf(property, inner, depth + 1);
      return [...commentOn(property, inner), `${inner}readonly ${keyOf(name)}${mark}: ${type};`];
    });
    const others = needed.filter((name) => !known.some(([each]) => each === name));
    lines.push(...others.map((name) => `${inner}readonly ${keyOf(String(name))}: unknown;`));
    const isOpen = additionalProperties !== false || patternProperties !== undefined;
    if (isOpen && (openKey !== undefined || known.length === 0)) {
      const rest =
        known.length === 0 && patternProperties === undefined
          ? typeOf(additionalProperties, inner, depth + 1)
          : "unknown";
      lines.push(`${inner}readonly [${openKey ?? "key"}: string]: ${rest};`);
    }
    return lines.length === 0 ? "Readonly<Record<string, never>>" : `{\n${lines.join("\n")}\n${indent}}`;
  }
}

/** Lines of a comment that says what a schema says of itself; none when that is nothing. */
export function commentOn(schema: unknown, indent: string): string[] {
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

export function keyOf(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name);
}

function literalOf(value: unknown): string {
  return typeof value === "object" && value !== null ? "unknown" : (JSON.stringify(value) ?? "unknown");
}

function union(types: readonly string[]): string {
  return [...new Set(types)].join(" | ") || "unknown";
}

function inBrackets(type: string): string {
  return type.includes(" | ") || type.includes(" & ") ? `(${type})` : type;
}
