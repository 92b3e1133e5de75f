import { isObject } from "../../../policies/is-object.ts";
import { HEADER_PLACEHOLDER } from "../options/route/header-rules.ts";
import { type Placeholder, readPlaceholders } from "./placeholders.ts";
import type { Path } from "./schema-places.ts";
import { typeFilled } from "./typed-text.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/** A value that variables made. */
export interface FilledValue {
  readonly path: Path;
  readonly names: readonly string[];
  /** Those of the names that are not set, so that what stands behind `:-` came in. */
  readonly defaulted: readonly string[];
}

export interface VariableProblem {
  readonly path: Path;
  readonly message: string;
}

export interface Filled {
  readonly input: unknown;
  readonly values: readonly FilledValue[];
  readonly problems: readonly VariableProblem[];
}

const LITERAL = 'for a literal "${" write "$${"';

/**
 * A config in which `${NAME}` and `${NAME:-default}` are what the environment says. Names of options stay as they are.
 *
 * @param input plain data that ends
 */
export function fillVariables(input: unknown, environment: Environment): Filled {
  const values: FilledValue[] = [];
  const problems: VariableProblem[] = [];
  return { input: fill(input, []), values, problems };

  function fill(value: unknown, path: Path): unknown {
    if (typeof value === "string") return fillText(value, path);
    if (Array.isArray(value)) return value.map((item, index) => fill(item, [...path, index]));
    if (!isObject(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, fill(part, [...path, key])]));
  }

  function fillText(text: string, path: Path): unknown {
    const names: string[] = [];
    const defaulted: string[] = [];
    const filled = expand(text);
    if (names.length === 0) return filled;
    values.push({ path, names, defaulted });
    return typeFilled(filled, text, path);

    function expand(written: string): string {
      const parts = readPlaceholders(written);
      return parts.map((part) => (typeof part === "string" ? part : resolve(part))).join("");
    }

    function resolve({ written, inside }: Placeholder): string {
      if (inside !== undefined && HEADER_PLACEHOLDER.test(inside)) return written;
      const [, name, fallback] = /^([A-Za-z_]\w*)(?::-(.*))?$/s.exec(inside ?? "") ?? [];
      if (name === undefined) {
        problems.push({ path, message: describeForm(written) });
        return "";
      }
      const value = environment[name];
      if (value === undefined && fallback === undefined)
        problems.push({ path, message: describeMissing(name) });
      names.push(name);
      if (fallback === undefined || (value !== undefined && value !== "")) return value ?? "";
      defaulted.push(name);
      return expand(fallback);
    }
  }
}

function describeForm(found: string): string {
  const braces = /\{.*\{/s.test(found) ? '; a default has a "}" for each "{"' : "";
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is what is written in a config
  return `expected \${NAME} or ${"${NAME:-default}"} with the name of an environment variable, got ${JSON.stringify(found)}${braces}; ${LITERAL}`;
}

function describeMissing(name: string): string {
  return `expected the environment variable ${name} to be set, and it is not: set it, or write \${${name}:-default}; ${LITERAL}`;
}
