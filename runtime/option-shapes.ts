import { z } from "zod";
import { showValue } from "../policies/shown-value.ts";
import { suggestName } from "../sandbox/suggestion.ts";

/**
 * Takes what a program gives, for one that no compiler has told. Throws an Error that lists all that is wrong.
 *
 * @param call what it is given to, such as `createRuntime`
 */
export function requireShape(call: string, shape: z.ZodType, given: unknown): void {
  const { error } = shape.safeParse(given, { reportInput: true });
  if (error === undefined) return;
  throw new Error([`${call}: the options have problems:`, ...error.issues.flatMap(lines)].join("\n  "));
}

export function expecting(words: string) {
  return { error: `expected ${words}` };
}

/** Names that it does not know are problems. @param words what is expected where no object is */
export function only<Shape extends z.ZodRawShape>(shape: Shape, words: string) {
  const known = Object.keys(shape).join(" ");
  return z.strictObject(shape, {
    error: ({ code }) => (code === "unrecognized_keys" ? known : `expected ${words}`),
  });
}

export const string = z.string(expecting("text"));
export const strings = z.array(string, expecting("a list of texts"));
export const yesOrNo = z.boolean(expecting("true or false"));

export function atLeast(least: number) {
  return z.number(expecting("a number")).min(least, expecting(`a number, at least ${least}`));
}

function lines(issue: z.core.$ZodIssue): readonly string[] {
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => {
      const known = issue.message.split(" ");
      const near = suggestName(key, known);
      const hint = near === undefined ? `known here: ${known.join(", ")}` : `did you mean \`${near}\`?`;
      return `${[...issue.path, key].join(".")}: unknown option; ${hint}`;
    });
  }
  const place = issue.path.length === 0 ? "" : `${issue.path.join(".")}: `;
  // What compares several values has shown them.
  const got = issue.message.includes(", got ") ? "" : `, got ${showGiven(issue.path, issue.input)}`;
  return [`${place}${issue.message}${got}`];
}

function showGiven(path: readonly PropertyKey[], value: unknown): string {
  return typeof value === "function" ? "a function" : showValue(path, value);
}
