import type { z } from "zod";
import { parseShape } from "../../../policies/pack/parse-shape.ts";
import { configSchema } from "../options/schema.ts";

export type Schema = z.core.$ZodTypes;
export type Path = readonly (string | number)[];

export const wholeSchema = configSchema as unknown as Schema;

/** What may stand at a place of a config, each alternative of it. None: there is no such option. */
export function schemasAt(path: Path): readonly Schema[] {
  return path.reduce<readonly Schema[]>(
    (schemas, key) => schemas.flatMap(alternativesOf).flatMap((schema) => partOf(schema, key)),
    [wholeSchema],
  );
}

/** Without what says that it may be left out, or what becomes of it. */
export function alternativesOf(schema: Schema): readonly Schema[] {
  const { def } = schema._zod;
  switch (def.type) {
    case "optional":
    case "prefault":
      return alternativesOf(def.innerType as Schema);
    case "pipe":
      return alternativesOf(def.in as Schema);
    case "union":
      return def.options.flatMap((option) => alternativesOf(option as Schema));
    default:
      return [schema];
  }
}

/** Whether what a policy brings says what may stand there: its options are not of the config's schema. */
export function isFree(schema: Schema): boolean {
  return schema._zod.def.type === "unknown";
}

export function accepts(schema: Schema, value: unknown): boolean {
  return parseShape(schema as unknown as z.ZodType, value).success;
}

/** What may stand at a key of it; none: it has no such one. */
export function partOf(schema: Schema, key: string | number): readonly Schema[] {
  const { def } = schema._zod;
  switch (def.type) {
    case "object":
      return Object.hasOwn(def.shape, key) ? [def.shape[key] as Schema] : [];
    case "record":
      return [def.valueType as Schema];
    case "array":
      return typeof key === "number" ? [def.element as Schema] : [];
    case "unknown":
      return [schema];
    default:
      return [];
  }
}
