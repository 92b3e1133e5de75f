import { isDeepStrictEqual } from "node:util";
import { isObject } from "../../../policies/is-object.ts";
import { definitionOf, referTo } from "../plain-schemas.ts";
import { boundChanges } from "./bound-changes.ts";
import { breaking, type Change, compatible } from "./change.ts";
import { typeChanges, valueChanges } from "./value-changes.ts";

type Definitions = Readonly<Record<string, object | boolean>>;
type Schema = Readonly<Record<string, unknown>>;

export interface SchemaVersions {
  readonly before: Definitions;
  readonly after: Definitions;
}

/** Finds what schemas let pass otherwise than before; each definition is compared once, where it is met first. */
export function createSchemaComparison(versions: SchemaVersions) {
  const met = new Set<string>();

  function compare(before: unknown, after: unknown, place: string): Change[] {
    const key = `${definitionOf(refOf(before)) ?? ""}:${definitionOf(refOf(after)) ?? ""}`;
    if (key !== ":") {
      if (met.has(key)) return [];
      met.add(key);
    }
    const old = schemaAt(before, versions.before);
    const now = schemaAt(after, versions.after);
    return [
      ...typeChanges(old, now, place),
      ...valueChanges(old, now, place),
      ...memberChanges(old, now, place),
      ...boundChanges(old, now, place),
      ...WITHIN.flatMap(([keyword, below]) => within(keyword, old, now, place + below)),
      ...OPAQUE.flatMap((keyword) => opaqueChanges(keyword, old, now, place)),
    ];
  }

  function memberChanges(old: Schema, now: Schema, place: string): Change[] {
    const before = membersOf(old);
    const after = membersOf(now);
    const neededBefore = namesIn(old.required);
    const neededNow = namesIn(now.required);
    const wasClosed = old.additionalProperties === false;
    const isClosed = now.additionalProperties === false;
    const names = [
      ...new Set([...Object.keys(before), ...Object.keys(after), ...neededBefore, ...neededNow]),
    ];
    return names.flatMap((name): Change[] => {
      const isNew = !Object.hasOwn(before, name) && Object.hasOwn(after, name);
      const isGone = Object.hasOwn(before, name) && !Object.hasOwn(after, name);
      const isNeeded = neededNow.includes(name);
      const wasNeeded = neededBefore.includes(name);
      if (isNew && isNeeded && !wasNeeded) return [breaking(place, `\`${name}\` is new, and required`)];
      return [
        ...(isNew
          ? [compatible(place, `\`${name}\` is new${wasClosed ? "" : ", and was not checked before"}`)]
          : []),
        ...(isGone && isClosed ? [breaking(place, `\`${name}\` may not be there any more`)] : []),
        ...(isGone && !isClosed ? [compatible(place, `\`${name}\` is not described any more`)] : []),
        ...(isNeeded && !wasNeeded ? [breaking(place, `\`${name}\` is required now`)] : []),
        ...(wasNeeded && !isNeeded ? [compatible(place, `\`${name}\` is not required any more`)] : []),
        ...(isNew || isGone ? [] : compare(before[name] ?? true, after[name] ?? true, `${place}/${name}`)),
      ];
    });
  }

  /** A keyword that has a schema, or a list of them. */
  function within(keyword: string, old: Schema, now: Schema, place: string): Change[] {
    const before = old[keyword];
    const after = now[keyword];
    if (Array.isArray(before) && Array.isArray(after) && before.length === after.length)
      return before.flatMap((each, index) => compare(each, after[index], place));
    if (isSchema(before) && isSchema(after) && !isOpenness(keyword, before, after))
      return compare(before, after, place);
    return opaqueChanges(keyword, old, now, place);
  }

  /** What is referred to only where it cannot be told what that means for messages. */
  function compareRest(): Change[] {
    return Object.keys(versions.before)
      .filter((name) => Object.hasOwn(versions.after, name))
      .flatMap((name) => {
        const ref = referTo(name);
        return compare(ref, ref, `schema ${name} `);
      });
  }

  return { compare, compareRest };
}

/** Keywords with schemas, and what stands for their place in a message. */
const WITHIN: readonly (readonly [string, string])[] = [
  ["items", "/*"],
  ["additionalItems", "/*"],
  ["additionalProperties", "/*"],
  ["contains", "/*"],
  ["allOf", ""],
  ["anyOf", ""],
  ["oneOf", ""],
];
/** What else a message is checked by. */
const OPAQUE = [
  "patternProperties",
  "propertyNames",
  "dependencies",
  "pattern",
  "format",
  "multipleOf",
  "uniqueItems",
  "not",
  "if",
  "then",
  "else",
];

function opaqueChanges(keyword: string, old: Schema, now: Schema, place: string): Change[] {
  const before = openAs(keyword, old[keyword]);
  const after = openAs(keyword, now[keyword]);
  if (isDeepStrictEqual(before, after)) return [];
  if (keyword === "additionalProperties" && after === false)
    return [breaking(place.replace(/\/\*$/, ""), "members that are not described may not be there any more")];
  if (keyword === "additionalProperties" && before === false)
    return [compatible(place.replace(/\/\*$/, ""), "members that are not described may be there now")];
  if (after === undefined) return [compatible(place, `\`${keyword}\` is gone: more may pass`)];
  const shown = typeof after === "object" ? "is another now" : `is ${JSON.stringify(after)} now`;
  return [breaking(place, `\`${keyword}\` ${shown}: less may pass`)];
}

/** That something more may be there is what a schema says by saying nothing. */
function openAs(keyword: string, value: unknown): unknown {
  return keyword.startsWith("additional") && value === true ? undefined : value;
}

function isOpenness(keyword: string, before: unknown, after: unknown): boolean {
  return keyword === "additionalProperties" && (typeof before === "boolean" || typeof after === "boolean");
}

function schemaAt(schema: unknown, definitions: Definitions): Schema {
  let found = schema;
  // A reference to a reference leads somewhere, for circles of nothing else are none.
  for (let steps = 0; steps < 20; steps++) {
    const name = definitionOf(refOf(found));
    if (name === undefined) break;
    found = definitions[name];
  }
  if (found === false) return { not: {} };
  return isObject(found) ? found : {};
}

function refOf(schema: unknown): unknown {
  return isObject(schema) ? schema.$ref : undefined;
}

function isSchema(value: unknown): boolean {
  return typeof value === "boolean" || isObject(value);
}

function membersOf({ properties }: Schema): Schema {
  return isObject(properties) ? properties : {};
}

function namesIn(required: unknown): readonly string[] {
  return Array.isArray(required) ? required.filter((name) => typeof name === "string") : [];
}
