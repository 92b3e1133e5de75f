import { isObject } from "../../policies/is-object.ts";
import { DescriptionError } from "./errors.ts";

/** Schemas without references to anything but `definitions`. */
export interface PlainSchemas {
  /**
   * @param schema in which all references have been followed, so that it may go round in circles
   * @throws DescriptionError where it has a pattern that cannot be used
   */
  plain(schema: unknown): object | boolean;
  /** What has been referred to so far. */
  definitions(): Readonly<Record<string, object | boolean>>;
}

/** The parser's name for a schema, the author's own where there is one. */
const ID = "x-parser-schema-id";
/** What has been followed already, and would lead elsewhere now. */
const RESOLVED = ["$id", "$schema", "$anchor", "definitions", "$defs"];
/** Their members are names of the author's. */
const MAPS = ["properties", "patternProperties", "dependencies", "dependentSchemas"];
/** Their values are data. */
const DATA = ["const", "enum", "default", "examples", "example"];

export function createPlainSchemas(): PlainSchemas {
  const definitions = new Map<string, object | boolean>();
  const names = new Map<object, string>();
  const shared = new Set<object>();

  function plain(schema: unknown): object | boolean {
    findShared(schema, new Set());
    return plainOf(schema);
  }

  /** What is met a second time, or within itself: written down again at each place, few of them would become millions. */
  function findShared(schema: unknown, met: Set<object>): void {
    if (Array.isArray(schema)) for (const each of schema) findShared(each, met);
    if (!isObject(schema)) return;
    if (met.has(schema)) {
      shared.add(schema);
      return;
    }
    met.add(schema);
    for (const [key, value] of membersOf(schema))
      if (MAPS.includes(key) && isObject(value)) findShared(Object.values(value), met);
      else if (!DATA.includes(key)) findShared(value, met);
  }

  function plainOf(schema: unknown): object | boolean {
    if (!isObject(schema)) return schema === false ? false : schema === true || {};
    const known = names.get(schema);
    if (known !== undefined) return referTo(known);
    const own = ownName(schema) ?? (shared.has(schema) ? "Schema" : undefined);
    if (own === undefined) return copyOf(schema);
    const name = freeName(own, definitions);
    names.set(schema, name);
    // Its place is taken before it is known.
    definitions.set(name, true);
    definitions.set(name, copyOf(schema));
    return referTo(name);
  }

  function copyOf(schema: Readonly<Record<string, unknown>>): object {
    return Object.fromEntries(membersOf(schema).map(([key, value]) => [key, copyMember(key, value)]));
  }

  function copyMember(key: string, value: unknown): unknown {
    if (DATA.includes(key)) return value;
    if (key === "pattern") requirePattern(value);
    if (key === "patternProperties" && isObject(value)) Object.keys(value).forEach(requirePattern);
    if (MAPS.includes(key) && isObject(value))
      return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, copyValue(each)]));
    return copyValue(value);
  }

  function copyValue(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(copyValue);
    return isObject(value) ? plainOf(value) : value;
  }

  return { plain, definitions: () => Object.fromEntries(definitions) };
}

/** As the check of a message would use it: one that is none would fail there, at each message. */
function requirePattern(pattern: unknown): void {
  try {
    new RegExp(String(pattern), "u");
  } catch (cause) {
    const message = `a schema has the pattern ${JSON.stringify(pattern)}, which is no regular expression of Unicode's (flag u): ${(cause as Error).message}`;
    throw new DescriptionError("ERR_DESCRIPTION_FORMAT", message, { cause });
  }
}

/** Extensions say nothing of messages. */
function membersOf(schema: Readonly<Record<string, unknown>>): readonly (readonly [string, unknown])[] {
  return Object.entries(schema).filter(([key]) => !key.startsWith("x-") && !RESOLVED.includes(key));
}

function ownName(schema: Readonly<Record<string, unknown>>): string | undefined {
  const id = schema[ID];
  return typeof id === "string" && !id.startsWith("<") ? id.replaceAll(/[^\w.-]/g, "_") : undefined;
}

export function freeName(wanted: string, taken: { has(name: string): boolean }): string {
  if (!taken.has(wanted)) return wanted;
  let number = 2;
  while (taken.has(`${wanted}${number}`)) number++;
  return `${wanted}${number}`;
}

export function referTo(name: string): { readonly $ref: string } {
  return { $ref: `#/definitions/${name}` };
}

/** What a `$ref` means; undefined when it is none to a definition. */
export function definitionOf(ref: unknown): string | undefined {
  return typeof ref === "string" ? /^#\/definitions\/(.+)$/.exec(ref)?.[1] : undefined;
}
