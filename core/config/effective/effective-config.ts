import { isObject } from "../../../policies/is-object.ts";
import {
  accepts,
  alternativesOf,
  isFree,
  type Path,
  partOf,
  type Schema,
  wholeSchema,
} from "../values/schema-places.ts";
import { kindsOf } from "../values/typed-text.ts";
import { isSecretAt, showValueAt } from "./shown-secrets.ts";

/** Where a value of a config came from. */
export type ValueOrigin =
  | { readonly kind: "file"; readonly line?: number; readonly variables?: readonly string[] }
  /** What is written behind `:-`, for the variable is not set. */
  | { readonly kind: "fallback"; readonly line?: number; readonly variables: readonly string[] }
  | { readonly kind: "version" }
  | { readonly kind: "set"; readonly setting: string }
  | { readonly kind: "flag"; readonly flag: string }
  | { readonly kind: "default" }
  /** @param from what it follows from */
  | { readonly kind: "derived"; readonly from: string };

/** One option with the value that it has, as it would be written. */
export interface EffectiveValue {
  readonly path: Path;
  /** Without what is secret. */
  readonly value: unknown;
  readonly isSecret: boolean;
  readonly origin: ValueOrigin;
}

/** What follows from where there is neither a value nor a default. */
export interface DerivedValue {
  readonly path: Path;
  readonly value: unknown;
  readonly from: string;
}

export interface EffectiveSources {
  /** Of a place at which the config says something. */
  originOf(path: Path): ValueOrigin;
  readonly derived: readonly DerivedValue[];
}

/**
 * Every option of a config with its value, in the order of the schema: what it says, else the default. Options that may be left out, and are, are not there.
 *
 * @param input a config without problems, as it is written
 */
export function listEffective(input: unknown, { originOf, derived }: EffectiveSources): EffectiveValue[] {
  return list([wholeSchema], input, { path: [], isGiven: true });

  function list(schemas: readonly Schema[], given: unknown, place: Place): EffectiveValue[] {
    const fallback = schemas.map(defaultOf).find((value) => value !== undefined);
    const isGiven = place.isGiven && given !== undefined;
    const value = given === undefined ? fallback : given;
    if (value === undefined) return listDerived(place.path);
    const alternatives = alternativesFor(value, schemas);
    const inside = { path: place.path, isGiven };
    const source = alternatives.some(isSecretAt);
    const isWhole = source || (!isGiven && Array.isArray(value) && !value.some(isObject));
    const parts = isWhole ? undefined : partsOf(value, alternatives);
    if (parts === undefined || parts.length === 0) return [describe(value, inside, schemas)];
    return parts.flatMap(([key, part]) =>
      list(
        alternatives.flatMap((schema) => partOf(schema, key)),
        part,
        { ...inside, path: [...inside.path, key] },
      ),
    );
  }

  function describe(value: unknown, { path, isGiven }: Place, schemas: readonly Schema[]): EffectiveValue {
    const origin: ValueOrigin = isGiven ? originOf(path) : { kind: "default" };
    return { path, ...showValueAt(path, value, schemas), origin };
  }

  function listDerived(path: Path): EffectiveValue[] {
    const found = derived.filter((each) => each.path.join("\n") === path.join("\n"));
    return found.map(({ value, from }) => ({
      ...{ path, value, isSecret: false },
      origin: { kind: "derived", from },
    }));
  }
}

/** Those that take it; where a secret stands elsewhere none does, and what it is has to do. */
function alternativesFor(value: unknown, schemas: readonly Schema[]): readonly Schema[] {
  const kind = Array.isArray(value) ? "list" : typeof value;
  const alike = schemas
    .flatMap(alternativesOf)
    .filter((schema) => isFree(schema) || kindsOf(schema).includes(kind));
  const accepted = alike.filter((schema) => accepts(schema, value));
  return accepted.length > 0 ? accepted : alike;
}

interface Place {
  readonly path: Path;
  /** Whether the config says what stands there, or around it. */
  readonly isGiven: boolean;
}

/** Undefined: the value is no list and no object, or of a kind of its own. */
function partsOf(
  value: unknown,
  schemas: readonly Schema[],
): (readonly [string | number, unknown])[] | undefined {
  if (Array.isArray(value)) return value.map((part, index) => [index, part] as const);
  if (!isObject(value)) return undefined;
  const names = schemas.flatMap(({ _zod: { def } }) => (def.type === "object" ? Object.keys(def.shape) : []));
  return [...new Set([...names, ...Object.keys(value)])].map((key) => [key, value[key]] as const);
}

function defaultOf(schema: Schema): unknown {
  const { def } = schema._zod;
  if (def.type === "prefault") return def.defaultValue;
  return def.type === "optional" ? defaultOf(def.innerType as Schema) : undefined;
}
