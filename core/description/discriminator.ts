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
 * A member at the top level of which each message says what it is, and no two the same. A message that lacks it may still be one
 * that does not require it. Undefined when there is none, and for a single message, which needs none.
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

type FixedMembers = ReadonlyMap<string, readonly Scalar[]>;

/** The members that have few values in all objects that fit, with these. */
function fixedMembers(schema: unknown, definitions: Schemas, depth = 0): FixedMembers {
  if (!isObject(schema) || depth > MAX_DEPTH) return new Map();
  const name = definitionOf(schema.$ref);
  if (name !== undefined) return fixedMembers(definitions[name], definitions, depth + 1);
  const within = (part: unknown) => fixedMembers(part, definitions, depth + 1);
  const own = Object.entries(isObject(schema.properties) ? schema.properties : {}).flatMap(
    ([member, property]): [string, readonly Scalar[]][] => {
      const values = valuesOf(property, definitions);
      return values === undefined ? [] : [[member, values]];
    },
  );
  return [
    ...listIn(schema.allOf).map(within),
    ...[schema.anyOf, schema.oneOf].map((alternatives) => inAll(listIn(alternatives).map(within))),
  ].reduce(narrow, new Map(own));
}

function listIn(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Where both must hold. */
function narrow(members: FixedMembers, others: FixedMembers): FixedMembers {
  const found = new Map(members);
  for (const [member, values] of others)
    found.set(member, found.get(member)?.filter((value) => values.includes(value)) ?? values);
  return found;
}

/** Where one must hold: what is fixed in each of them. */
function inAll([first, ...others]: readonly FixedMembers[]): FixedMembers {
  const found = new Map<string, readonly Scalar[]>();
  for (const [member, values] of first ?? []) {
    const all = [values, ...others.map((each) => each.get(member))];
    if (all.every((each) => each !== undefined)) found.set(member, [...new Set(all.flat())]);
  }
  return found;
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
