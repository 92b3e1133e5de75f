import { JSONPathEnvironment, type JSONPathQuery, type JSONValue } from "json-p3";
import { sourceOf } from "./exact-json.ts";

/** Where a value is: `holder[key]`. */
export interface JsonPlace {
  readonly holder: Record<string | number, unknown>;
  readonly key: string | number;
}

/** A document in its holder, so that the whole of it has a place too. */
export interface Held {
  document: unknown;
}

const environment = new JSONPathEnvironment();

/** RFC 9535. Throws with the place in the path that is wrong. */
export function compilePath(path: string): JSONPathQuery {
  try {
    return environment.compile(path);
  } catch (cause) {
    throw new SyntaxError(`"${path}" is no JSONPath: ${(cause as Error).message}`, { cause });
  }
}

export function findPlaces(path: JSONPathQuery, held: Held): JsonPlace[] {
  return path.query(held.document as JSONValue).nodes.flatMap(({ location }) => {
    const key = location.at(-1) ?? "document";
    const holder = location.length === 0 ? held : valueAt(held.document, location.slice(0, -1));
    // What `parseExactly` keeps of a large number is no object of the sender's.
    return holder === undefined ? [] : [{ holder: holder as JsonPlace["holder"], key }];
  });
}

/** Undefined within a number that is kept as it came. */
function valueAt(document: unknown, location: readonly (string | number)[]): object | undefined {
  let value = document;
  for (const key of location) value = (value as Record<string | number, unknown>)[key];
  return sourceOf(value as object) === undefined ? (value as object) : undefined;
}

/** Set a member as an own one, also where it is called `__proto__`. */
export function setAt({ holder, key }: JsonPlace, value: unknown): void {
  Object.defineProperty(holder, key, { value, writable: true, enumerable: true, configurable: true });
}

export const PATH_SCHEMA = { type: "string", pattern: "^\\$", format: "json-path" };
