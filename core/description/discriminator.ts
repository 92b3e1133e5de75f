import { isObject } from "../../policies/is-object.ts";
import { definitionOf } from "./plain-schemas.ts";

type Schemas = Readonly<Record<string, object | boolean>>;
type Scalar = string | number | boolean;

/** Which member tells messages apart, and what it is in each of them. */
export interface Discriminator {
  readonly member: string;
  readonly values: Readonly<Record<string, readonly Scalar[]>>;
}

/** Where several members could be it, those that authors mean by it. */
const USUAL = ["type", "event", "kind", "action", "op", "method"];

/**
 * A member at the top level that each of the messages must have, with values that no other may have. Undefined when
 * there is none, and for a single message, which needs none.
 */
export function findDiscriminator(messages: Schemas, definitions: Schemas): Discriminator | undefined {
  const fixed = Object.entries(messages).map(
    ([name, schema]) => [name, fixedMembers(schema, definitions)] as const,
  );
  const [first, ...others] = fixed;
  if (first === undefined || others.length === 0) return undefined;
  const named = Object.values(messages).flatMap((schema) =>
    isObject(schema) && typeof schema.discriminator === "string" ? [schema.discriminator] : [],
  );
  const usual = [...named, ...USUAL].filter((member) => first[1].has(member));
  for (const member of new Set([...usual, ...first[1].keys()])) {
    const values = fixed.map(([name, members]) => [name, members.get(member) ?? []] as const);
    const all = values.flatMap(([, each]) => each);
    const tellsApart = values.every(([, each]) => each.length > 0) && new Set(all).size === all.length;
    if (tellsApart) return { member, values: Object.fromEntries(values) };
  }
  return undefined;
}

const MAX_DEPTH = 20;

/** The members that an object must have and that have few values, with these. */
function fixedMembers(schema: unknown, definitions: Schemas): ReadonlyMap<string, readonly Scalar[]> {
  const found = new Map<string, readonly Scalar[]>();
  const parts = partsOf(schema, definitions, 0);
  const required = new Set(parts.flatMap((part) => (Array.isArray(part.required) ? part.required : [])));
  for (const { properties } of parts) {
    if (!isObject(properties)) continue;
    for (const [member, property] of Object.entries(properties)) {
      const values = valuesOf(property, definitions);
      if (!required.has(member) || values === undefined) continue;
      const before = found.get(member);
      found.set(member, before?.filter((value) => values.includes(value)) ?? values);
    }
  }
  return found;
}

/** A schema with those that it takes in by `allOf`. */
function partsOf(schema: unknown, definitions: Schemas, depth: number): Readonly<Record<string, unknown>>[] {
  if (!isObject(schema) || depth > MAX_DEPTH) return [];
  const name = definitionOf(schema.$ref);
  if (name !== undefined) return partsOf(definitions[name], definitions, depth + 1);
  const all = Array.isArray(schema.allOf) ? schema.allOf : [];
  return [schema, ...all.flatMap((each) => partsOf(each, definitions, depth + 1))];
}

function valuesOf(property: unknown, definitions: Schemas): readonly Scalar[] | undefined {
  if (!isObject(property)) return undefined;
  const name = definitionOf(property.$ref);
  if (name !== undefined) {
    const target = definitions[name];
    return isObject(target) && target.$ref === undefined ? valuesOf(target, definitions) : undefined;
  }
  const values = property.const === undefined ? property.enum : [property.const];
  const isFine =
    Array.isArray(values) && values.every((value) => ["string", "number", "boolean"].includes(typeof value));
  return isFine ? values : undefined;
}
