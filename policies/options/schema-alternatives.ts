import type { ErrorObject } from "ajv";
import { showValue } from "../shown-value.ts";
import { errorKeys, type Missing, nameOption, show } from "./schema-places.ts";

/** Of several forms none fits, or more than the one that may. */
export interface Alternatives {
  /** Of the `anyOf` or `oneOf`. */
  readonly error: ErrorObject;
  /** What each form would have. */
  readonly expected: readonly string[];
  readonly found: string;
  /** Names among that. */
  readonly places: readonly Missing[];
}

export interface FoundAlternatives {
  /** `meant`: what is wrong with the form that is the likeliest. */
  readonly unions: readonly (Alternatives | { readonly meant: readonly ErrorObject[] })[];
  /** Errors of no form. */
  readonly plain: readonly ErrorObject[];
}

export function findAlternatives(errors: readonly ErrorObject[]): FoundAlternatives {
  const unions = errors.filter(({ keyword }) => keyword === "anyOf" || keyword === "oneOf");
  const formsOf = new Map(unions.map((union) => [union, splitByForm(union, errors)]));
  const inside = new Set([...formsOf.values()].flat(2));
  const outer = unions.filter((union) => !inside.has(union));
  return {
    unions: outer.flatMap((union) => readUnion(union, formsOf)),
    plain: errors.filter((error) => !inside.has(error) && !formsOf.has(error)),
  };
}

export function describeAlternatives({ error, expected, found }: Alternatives): string {
  const place = error.instancePath === "" ? "" : `option \`${nameOption(error)}\`: `;
  const isLong = expected.length === 1 || expected.some((form) => form.includes(" and "));
  const listed = isLong ? expected.join(", or ") : `one of ${expected.join(", ")}`;
  return `${place}expected ${listed}, ${found}`;
}

/**
 * Errors come in the order of the forms, and the union's own is the last. Those of a form that refers to a schema elsewhere
 * do not say whose they are but by that.
 */
function splitByForm(union: ErrorObject, errors: readonly ErrorObject[]): ErrorObject[][] {
  const texts = (union.schema as readonly unknown[]).map((form) => JSON.stringify(form));
  const forms = texts.map((): ErrorObject[] => []);
  let last = forms.length - 1;
  for (const error of errors.slice(0, errors.indexOf(union)).reverse()) {
    if (!error.instancePath.startsWith(union.instancePath)) break;
    const own = texts.findIndex((_, index) => error.schemaPath.startsWith(`${union.schemaPath}/${index}/`));
    if (own === -1 && error.parentSchema === union.parentSchema) break;
    const form = own === -1 ? texts.findLastIndex((text, index) => index <= last && refers(text)) : own;
    if (form === -1) break;
    last = form;
    forms[form]!.unshift(error);
  }
  return forms;
}

function refers(form: string): boolean {
  return form.includes('"$ref"');
}

function readUnion(
  union: ErrorObject,
  formsOf: ReadonlyMap<ErrorObject, readonly (readonly ErrorObject[])[]>,
): FoundAlternatives["unions"] {
  const fitting = union.params.passingSchemas as readonly number[] | null | undefined;
  if (fitting) return [readTooMany(union, fitting)];
  const forms = formsOf.get(union) ?? [];
  const kinds = readKinds(union, forms);
  if (kinds !== undefined) return [kinds];
  const told = forms.filter(({ length }) => length > 0);
  if (told.length === 0) return [{ meant: [union] }];
  const names = forms.every((form) => form.length > 0 && form.every(isOfName));
  const begun = forms.filter((form, index) => isBegun(union, form, index));
  if (names && begun.length !== 1) return [readNames(union, forms)];
  const likeliest = names ? begun[0]! : told.reduce(nearer);
  const nested = likeliest.filter((error) => formsOf.has(error));
  const within = new Set(nested.flatMap((error) => formsOf.get(error)!.flat()));
  const own = likeliest.filter((error) => !formsOf.has(error) && !within.has(error));
  return [{ meant: own }, ...nested.flatMap((error) => readUnion(error, formsOf))];
}

function isOfName({ keyword }: ErrorObject): boolean {
  return keyword === "required" || keyword === "const";
}

/** Some of the names that it needs are there. */
function isBegun(union: ErrorObject, form: readonly ErrorObject[], index: number): boolean {
  const needed = requiredBy(union, index).length;
  const missing = form.filter(({ keyword }) => keyword === "required").length;
  return missing > 0 && missing < needed;
}

function requiredBy(union: ErrorObject, index: number): readonly string[] {
  return (union.schema as { readonly required?: readonly string[] }[])[index]?.required ?? [];
}

function readNames(union: ErrorObject, forms: readonly (readonly ErrorObject[])[]): Alternatives {
  const missing = forms
    .flat()
    .filter(({ keyword }) => keyword === "required")
    .map((error) => ({ error, key: String(error.params.missingProperty) }));
  return {
    error: union,
    expected: forms.map((form, index) => {
      const { properties = {} } = (union.schema as readonly Form[])[index]!;
      return form.map((error) => nameInForm(error, properties)).join(" and ");
    }),
    found: missing.length === forms.flat().length ? "but all are missing" : "got none of them",
    places: missing,
  };
}

interface Form {
  readonly properties?: Readonly<Record<string, { readonly const?: unknown } | undefined>>;
}

/** `name`, or `name: value` where one value alone will do. */
function nameInForm({ keyword, params, instancePath }: ErrorObject, properties: Form["properties"]): string {
  const isMissing = keyword === "required";
  const name = isMissing
    ? String(params.missingProperty)
    : instancePath.slice(instancePath.lastIndexOf("/") + 1);
  const value = isMissing ? properties?.[name]?.const : params.allowedValue;
  return `\`${value === undefined ? name : `${name}: ${show(value)}`}\``;
}

/** Values of which each form takes another kind. */
function readKinds(union: ErrorObject, forms: readonly (readonly ErrorObject[])[]): Alternatives | undefined {
  const all = forms.flat();
  const isOfKind = ({ keyword, instancePath }: ErrorObject) =>
    ["type", "enum", "const"].includes(keyword) && instancePath === union.instancePath;
  if (all.length === 0 || !all.every(isOfKind)) return undefined;
  const expected = all.flatMap(({ keyword, params }) =>
    keyword === "type"
      ? [params.type].flat()
      : [params.allowedValues ?? params.allowedValue].flat().map(show),
  );
  return {
    error: union,
    expected: [[...new Set(expected)].join(" or ")],
    found: `got ${showValue(errorKeys(union), union.data)}`,
    places: [],
  };
}

function readTooMany(union: ErrorObject, fitting: readonly number[]): Alternatives {
  const all = (union.schema as readonly unknown[]).map((_, index) => requiredBy(union, index));
  const nameOf = (names: readonly string[]) => names.map((name) => `\`${name}\``).join(" and ");
  const areNamed = all.every((names) => names.length > 0);
  return {
    error: union,
    expected: areNamed ? all.map(nameOf) : ["one of its forms"],
    found: areNamed
      ? `got ${fitting.map((index) => nameOf(all[index]!)).join(" and ")}`
      : "got more than one",
    places: [],
  };
}

/** What got farther, and of two that got as far what has less against it, was meant. */
function nearer(best: readonly ErrorObject[], form: readonly ErrorObject[]): readonly ErrorObject[] {
  const depth = (errors: readonly ErrorObject[]) =>
    Math.max(...errors.map(({ instancePath }) => instancePath.split("/").length));
  if (depth(form) !== depth(best)) return depth(form) > depth(best) ? form : best;
  return form.length < best.length ? form : best;
}
