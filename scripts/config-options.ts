/** What the config's schema says, as tables of options: what the input types and the tables in docs/config.md are written from. */
import type { z } from "zod";
import { withDefault } from "../core/config/json-schema.ts";
import { configSchema } from "../core/config/options/schema.ts";
import { inputTypes } from "../core/config/options/schema-parts.ts";

/** One object of the config, such as a listener. */
export interface OptionTable {
  /** Of its input type. */
  readonly name: string;
  readonly options: readonly Option[];
}

export interface Option {
  readonly name: string;
  readonly isRequired: boolean;
  /** Ends in `Default: ….` if there is one. */
  readonly text: string;
  readonly value: Value;
}

/** What may be written. */
export type Value =
  | { readonly kind: "string" | "number" | "integer" | "boolean" | "unknown" | "duration" | "size" }
  | { readonly kind: "literals"; readonly values: readonly unknown[] }
  | { readonly kind: "list"; readonly items: Value }
  | { readonly kind: "record"; readonly values: Value }
  | { readonly kind: "object"; readonly table: OptionTable }
  | { readonly kind: "parameter"; readonly name: string; readonly value: Value }
  | { readonly kind: "union"; readonly values: readonly Value[] };

type Schema = z.core.$ZodTypes;

/** The whole config; the tables of its parts are in the values of its options. */
export function readConfigTable(): OptionTable {
  return readTable(configSchema as unknown as Schema);
}

/** A table and those in it, each once, in the order of the options. */
export function listTables(table: OptionTable): OptionTable[] {
  const tables = new Map<string, OptionTable>();
  const visit = (each: OptionTable): void => {
    const known = tables.get(each.name);
    if (known !== undefined) return assertSame(known, each);
    tables.set(each.name, each);
    const parts = each.options.flatMap(({ value }) => partsOf(value));
    for (const part of parts) if (part.kind === "object") visit(part.table);
  };
  visit(table);
  return [...tables.values()];
}

/** A value and what it is made of, up to the tables in it. */
export function partsOf(value: Value): readonly Value[] {
  switch (value.kind) {
    case "union":
      return [value, ...value.values.flatMap(partsOf)];
    case "list":
      return [value, ...partsOf(value.items)];
    case "record":
      return [value, ...partsOf(value.values)];
    case "parameter":
      return [value, ...partsOf(value.value)];
    default:
      return [value];
  }
}

function readTable(schema: Schema): OptionTable {
  const { def } = schema._zod;
  const { name } = inputTypes.get(schema) ?? {};
  if (def.type !== "object" || name === undefined) throw new Error(`a ${def.type} that is no section`);
  const options = Object.entries(def.shape).map(([option, part]) => readOption(option, part as Schema));
  return { name, options };
}

function readOption(name: string, schema: Schema): Option {
  const { description } = schema as unknown as z.ZodType;
  if (description === undefined) throw new Error(`${name} has no description`);
  const { def } = schema._zod;
  const text = withDefault(description, def.type === "prefault" ? def.defaultValue : undefined);
  return { name, isRequired: schema._zod.optin === undefined, text, value: readValue(schema) };
}

function readValue(schema: Schema): Value {
  const named = inputTypes.get(schema);
  const { def } = schema._zod;
  if (named?.name === "Duration") return { kind: "duration" };
  if (named?.name === "Size") return { kind: "size" };
  if (named?.isParameter) return { kind: "parameter", name: named.name, value: readPlainValue(def) };
  return def.type === "object" ? { kind: "object", table: readTable(schema) } : readPlainValue(def);
}

function readPlainValue(def: Schema["_zod"]["def"]): Value {
  switch (def.type) {
    case "optional":
    case "prefault":
      return readValue(def.innerType as Schema);
    case "pipe":
      return readValue(def.in as Schema);
    case "array":
      return { kind: "list", items: readValue(def.element as Schema) };
    case "record":
      return { kind: "record", values: readValue(def.valueType as Schema) };
    case "union":
      return { kind: "union", values: def.options.flatMap((option) => flatten(readValue(option as Schema))) };
    case "enum":
      return { kind: "literals", values: Object.values(def.entries) };
    case "literal":
      return { kind: "literals", values: def.values };
    case "number":
      return { kind: "format" in def && def.format === "safeint" ? "integer" : "number" };
    case "string":
    case "boolean":
    case "unknown":
      return { kind: def.type };
    default:
      throw new Error(`no words for a ${def.type}: say what it is in scripts/config-options.ts`);
  }
}

function flatten(value: Value): readonly Value[] {
  return value.kind === "union" ? value.values : [value];
}

function assertSame(known: OptionTable, other: OptionTable): void {
  if (JSON.stringify(known) !== JSON.stringify(other))
    throw new Error(`two sections are called ${known.name}`);
}
