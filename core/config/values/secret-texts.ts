import { isObject } from "../../../policies/is-object.ts";
import { formatPath } from "../document/issues.ts";
import type { ConfigProblem } from "../errors.ts";
import { resolveSecret, type SecretSource, secretPlaces, secretSchema } from "../options/secret-source.ts";
import { readSecret } from "./read-secret.ts";
import { alternativesOf, partOf, type Schema, wholeSchema } from "./schema-places.ts";

export interface SecretTexts {
  readonly input: unknown;
  /** What was read, by the place of each. */
  readonly values: Readonly<Record<string, string>>;
  readonly problems: readonly ConfigProblem[];
}

export interface SecretTextsAround {
  /** What relative paths are relative to. */
  readonly dir: string;
  /** Whether something stands in for what is not there: for who only looks at a config. */
  readonly standsIn: boolean;
}

/**
 * A config with the texts themselves where it says where they are. What cannot be read stays as it is, with its problem.
 *
 * @param input plain data that ends
 */
export function readSecretTexts(input: unknown, { dir, standsIn }: SecretTextsAround): SecretTexts {
  const values: Record<string, string> = {};
  const problems: ConfigProblem[] = [];
  return { input: read(input, [wholeSchema], []), values, problems };

  function read(value: unknown, schemas: readonly Schema[], path: readonly (string | number)[]): unknown {
    if (schemas.length === 0 || typeof value !== "object" || value === null) return value;
    const alternatives = schemas.flatMap(alternativesOf);
    const inside = (part: unknown, key: string | number) =>
      read(
        part,
        alternatives.flatMap((schema) => partOf(schema, key)),
        [...path, key],
      );
    if (Array.isArray(value)) return value.map(inside);
    if (!isObject(value)) return value;
    const place = alternatives.map((schema) => secretPlaces.get(schema)).find((found) => found !== undefined);
    const { data } = place === undefined ? {} : secretSchema.safeParse(value);
    if (place !== undefined && data !== undefined) {
      return readText(resolveSecret(data, dir), formatPath(path), place.standIn) ?? value;
    }
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, inside(part, key)]));
  }

  function readText(source: SecretSource, place: string, standIn: string): string | undefined {
    try {
      const text = readSecret(source);
      values[place] = text;
      return text;
    } catch (error) {
      if (standsIn) return standIn;
      problems.push({ path: place, message: (error as Error).message });
      return undefined;
    }
  }
}
