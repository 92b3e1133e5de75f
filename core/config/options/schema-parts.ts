import { z } from "zod";

// Every `error` below completes the sentence "expected …, got …".

/** A strict object. For unknown keys the message is the list of the known ones: problems.ts makes the sentence. */
export function section<Shape extends z.core.$ZodLooseShape>(shape: Shape, expected: string) {
  const known = Object.keys(shape).join(" ");
  return z.strictObject(shape, { error: (issue) => (issue.code === "unrecognized_keys" ? known : expected) });
}

export function flag() {
  return z.boolean({ error: "true or false" });
}

export function text(expected: string) {
  return z.string({ error: expected }).min(1, { error: expected });
}

export function choice<const Values extends readonly [string, ...string[]]>(values: Values) {
  return z.enum(values, { error: `one of ${values.map((value) => `"${value}"`).join(", ")}` });
}

export function whole(min: number, max: number, expected: string) {
  return z.int({ error: expected }).min(min, { error: expected }).max(max, { error: expected });
}
