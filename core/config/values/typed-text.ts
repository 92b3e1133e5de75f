import { accepts, alternativesOf, isFree, type Path, type Schema, schemasAt } from "./schema-places.ts";

/** Names of what no number is, however it looks. */
const SECRET_END =
  /(?:secret|token|password|passwd|passphrase|credential|hmac|cookie|authorization|api[-_]?key|private[-_]?key)s?$/i;

/**
 * A text from outside of a config, a variable's or one of a command line, as what the option at this place takes: text where it takes that,
 * else the number, `true`, `false`, `null`, list or object that the text is in JSON. For the options of a policy, of which the config's schema knows nothing, it is the same the other
 * way round: a number or truth value where it is one, but for numbers under the name of a secret; and what is in quotes is text.
 */
export function typeText(text: string, path: Path): unknown {
  const places = schemasAt(path);
  if (places.some(isFree)) return typeFree(text, path);
  const value = readJson(text);
  if (value === undefined) return text;
  if (places.length === 0 || places.some((place) => accepts(place, text))) return text;
  if (places.some((place) => accepts(place, value))) return value;
  // Neither will do: what is told to be wrong is of the kind that was expected.
  const kind = kindOf(value);
  return places.flatMap(alternativesOf).some((place) => kindsOf(place).includes(kind)) ? value : text;
}

/** The same of what variables made of a text: quotes that are written around them make text of whatever they hold. */
export function typeFilled(filled: string, written: string, path: Path): unknown {
  const isQuoted = /^"[^"]*"$/.test(written) && schemasAt(path).some(isFree);
  return isQuoted ? filled.slice(1, -1) : typeText(filled, path);
}

function typeFree(text: string, path: Path): unknown {
  const value = /^".*"$/s.test(text) ? readString(text) : readJson(text);
  return value === undefined || (typeof value === "number" && isSecretNumber(path)) ? text : value;
}

/** A code of digits. `maxTokens` is a number, and so is what stands in an object of that name; `tokens` may be a list of them. */
function isSecretNumber(path: Path): boolean {
  const isItem = typeof path.at(-1) === "number";
  const name = String(path.findLast((key) => typeof key === "string") ?? "");
  return SECRET_END.test(name) && (isItem || !/s$/i.test(name));
}

function readString(text: string): string | undefined {
  try {
    return JSON.parse(text) as string;
  } catch {
    return undefined;
  }
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
