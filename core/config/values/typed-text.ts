import { accepts, alternativesOf, isFree, type Path, type Schema, schemasAt } from "./schema-places.ts";

/**
 * A text from outside of a config, a variable's or one of a command line, as what the option at this place takes: text where it takes that,
 * else the number, `true`, `false`, `null`, list or object that the text is in JSON. For the options of a policy, of which the config's schema knows nothing, it is the same the other
 * way round: a number or truth value where it is one.
 */
export function typeText(text: string, path: Path): unknown {
  const places = schemasAt(path);
  const value = readJson(text);
  if (value === undefined) return text;
  if (places.some(isFree)) return value;
  if (places.length === 0 || places.some((place) => accepts(place, text))) return text;
  if (places.some((place) => accepts(place, value))) return value;
  // Neither will do: what is told to be wrong is of the kind that was expected.
  const kind = kindOf(value);
  return places.flatMap(alternativesOf).some((place) => kindsOf(place).includes(kind)) ? value : text;
}

/** Undefined: it is none, or would not be the same when written again, as a number that is too long. */
function readJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "string") return undefined;
    return typeof value === "number" && String(value) !== text ? undefined : value;
  } catch {
    return undefined;
  }
}

/** What a value is that it takes: `list`, or as `typeof` says. */
export function kindsOf(schema: Schema): readonly string[] {
  const { def } = schema._zod;
  switch (def.type) {
    case "literal":
      return def.values.map(kindOf);
    case "array":
      return ["list"];
    case "record":
      return ["object"];
    default:
      return [def.type];
  }
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "list" : typeof value;
}
