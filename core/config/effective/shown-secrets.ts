import { hideCredentials } from "../../../policies/shown-url.ts";
import { hidesValue } from "../../../policies/shown-value.ts";
import { showSecretUrl } from "../../net/shown-url.ts";
import { secretPlaces } from "../options/secret-source.ts";
import { alternativesOf, isFree, type Path, type Schema, schemasAt } from "../values/schema-places.ts";

const HIDDEN = "[hidden]";

/** Whether it says where a secret is. */
export function isSecretAt({ _zod: { def } }: Schema): boolean {
  return def.type === "object" && "env" in def.shape && "file" in def.shape;
}

/** Whether what stands there is a secret itself, as far as the option and its name say; and not where one is. */
export function isSecretPlace(path: Path): boolean {
  if (path.at(-1) === "env" || path.at(-1) === "file") return false;
  const schemas = schemasAt(path).flatMap(alternativesOf);
  return hidesValue(path) || schemas.some((schema) => secretPlaces.has(schema) || isSecretAt(schema));
}

/** A value without what is secret in it: what may stand elsewhere, as `{ env }` and `{ file }`, and what the options of a policy call a secret. */
export function showValueAt(
  path: Path,
  value: unknown,
  schemas: readonly Schema[],
): { readonly value: unknown; readonly isSecret: boolean } {
  const isKept = schemas.some(isFree) || path.includes("headers");
  const isNamed = isKept && hidesValue(path);
  // A code of digits is a secret as well; whether there is one is none.
  if (typeof value === "number" && isNamed) return { value: HIDDEN, isSecret: true };
  if (typeof value !== "string") return { value, isSecret: false };
  const isPlace = schemas
    .flatMap(alternativesOf)
    .some((schema) => secretPlaces.has(schema) || isSecretAt(schema));
  if (!isPlace && !isNamed) return { value: hideCredentials(value, HIDDEN), isSecret: false };
  return { value: isPlace ? showSecretUrl(value) : HIDDEN, isSecret: true };
}

/** The name of a route that has none of its own, which holds what its headers have to be. */
export function showRouteName(name: string, headers: Readonly<Record<string, string>>): string {
  return Object.entries(headers)
    .filter(([header]) => hidesValue([header]))
    .reduce((shown, [, value]) => shown.replaceAll(value, HIDDEN), name);
}
