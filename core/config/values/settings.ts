import { isObject } from "../../../policies/is-object.ts";
import { showValue } from "../../../policies/shown-value.ts";
import { describeUnknownKey, formatPath } from "../document/issues.ts";
import { type ConfigProblem, invalidConfig, SETTINGS_ORIGIN } from "../errors.ts";
import { accepts, alternativesOf, type Path, type Schema, schemasAt } from "./schema-places.ts";
import { typeText } from "./typed-text.ts";

/** What stands in place of what a config says. */
export interface Setting {
  readonly path: Path;
  readonly text: string;
}

/**
 * A config with what the settings say, one after the other. What is no object or list where a setting goes deeper, as `policies: "*"`, makes way
 * for one, if it may stand there: what may not is a mistake that must not be hidden.
 *
 * @param settings each `PLACE=VALUE`
 * @throws ConfigError that lists every setting of an option that there is none of
 */
export function applySettings(input: unknown, settings: readonly string[]): unknown {
  const problems: ConfigProblem[] = [];
  const set = settings.reduce((config, written) => {
    const setting = parseSetting(written);
    if (setting === undefined) {
      const message = `expected PLACE=VALUE, such as routes.0.upstream=http://127.0.0.1:3000, got ${showStart(written)}`;
      problems.push({ path: "", message });
      return config;
    }
    const path = placeOf(config, setting.path);
    const problem = problemOfPlace(config, path);
    if (problem === undefined) return putAt(config, path, typeText(setting.text, path));
    problems.push(problem);
    return config;
  }, input);
  if (problems.length > 0) throw invalidConfig(SETTINGS_ORIGIN, problems);
  return set;
}

/**
 * `routes.0.upstream=http://a`, and places as problems name them: `routes[0].upstream=…`, `headers["x.y"]=…`. Undefined for
 * what is none.
 */
export function parseSetting(written: string): Setting | undefined {
  const [, place, text] = /^((?:\[[^\]]*\]|[^=[])+)=(.*)$/s.exec(written) ?? [];
  if (place === undefined || text === undefined) return undefined;
  const keys: (string | number)[] = [];
  let rest = `.${place}`;
  while (rest !== "") {
    const found = /^\.?\[(?:(\d{1,6})|"([^"\]]+)")\]|^\.([^.[]+)/.exec(rest);
    if (found === null) return undefined;
    const [whole, index, quoted, plain = ""] = found;
    keys.push(index === undefined ? (quoted ?? plain) : Number(index));
    rest = rest.slice(whole.length);
  }
  return { path: keys, text };
}

/** What stands behind a "=" may be a secret. */
function showStart(written: string): string {
  const [place = ""] = written.split("=");
  return JSON.stringify(place.length < written.length ? `${place}=…` : place);
}

/** Numbers are those of a list where there is one, or can be one; else they are names. */
function placeOf(input: unknown, path: Path): Path {
  let value = input;
  const place: (string | number)[] = [];
  for (const key of path) {
    const isIndex = /^\d{1,6}$/.test(String(key));
    const types = alternativesAt(place).map(({ _zod }) => _zod.def.type);
    const isNamed = isObject(value) && types.some((type) => type !== "array");
    const isList = Array.isArray(value) || (!isNamed && types.includes("array"));
    place.push(isIndex && isList ? Number(key) : String(key));
    value = partOf(value, place.at(-1)!);
  }
  return place;
}

function problemOfPlace(input: unknown, path: Path): ConfigProblem | undefined {
  let value = input;
  for (const [depth, key] of path.entries()) {
    const before = path.slice(0, depth);
    const at = formatPath(path.slice(0, depth + 1));
    if (schemasAt(path.slice(0, depth + 1)).length === 0)
      return { path: at, message: describeNone(before, key) };
    const mistake = problemOfHolder(value, before, key);
    if (mistake !== undefined) return mistake;
    const length = Array.isArray(value) ? value.length : 0;
    if (typeof key === "number" && key > length) {
      const message = `expected a number up to ${length}, which adds to the list: it has ${length === 0 ? "nothing yet" : length}`;
      return { path: at, message };
    }
    value = partOf(value, key);
  }
  return undefined;
}

/** @param key what is to be gone on with in it */
function problemOfHolder(value: unknown, path: Path, key: string | number): ConfigProblem | undefined {
  const isHolder = typeof key === "number" ? Array.isArray(value) : isObject(value);
  if (isHolder || value === undefined || path.length === 0 || isVariable(value)) return undefined;
  if (schemasAt(path).some((schema) => accepts(schema, value))) return undefined;
  const name = formatPath(path);
  const expected = typeof key === "number" ? "a list" : "an object";
  const message = `expected ${expected} in the config, got ${showValue(path, value)}: mend it there, or set all of ${name}`;
  return { path: name, message };
}

/** Of a file as it is written: what it will be is looked at with the values of its variables. */
function isVariable(value: unknown): boolean {
  return typeof value === "string" && value.includes("${");
}

function describeNone(before: Path, key: string | number): string {
  const around = alternativesAt(before);
  const known = around.flatMap(({ _zod: { def } }) => (def.type === "object" ? Object.keys(def.shape) : []));
  if (known.length > 0) return describeUnknownKey(String(key), known);
  const name = formatPath(before);
  if (around.some(({ _zod }) => _zod.def.type === "array"))
    return `expected a number here, for ${name} is a list: ${name}.0 is its first`;
  return `expected nothing below ${name}: it has no options`;
}

function alternativesAt(path: Path): readonly Schema[] {
  return schemasAt(path).flatMap(alternativesOf);
}

function partOf(value: unknown, key: string | number): unknown {
  if (Array.isArray(value)) return value[Number(key)];
  return isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

/** A copy with this value at a place. What is no object or list there, or above it, makes way. */
export function putAt(input: unknown, [key, ...rest]: Path, value: unknown): unknown {
  if (key === undefined) return value;
  const part = putAt(partOf(input, key), rest, value);
  if (typeof key === "number") return Array.isArray(input) ? input.toSpliced(key, 1, part) : [part];
  return { ...(isObject(input) && input), [key]: part };
}
