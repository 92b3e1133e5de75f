import { z } from "zod";
import { isNetwork } from "../../net/networks.ts";

// Every `error` below completes the sentence "expected …, got …".

/** What the generated input types call a schema; a `parameter` stands for whatever type the user of the types gives. */
export interface InputType {
  readonly name: string;
  readonly isParameter?: boolean;
}

/** Read by scripts/config-options.ts. Schemas made from a named one, with checks or a description, have its name too. */
export const inputTypes = z.registry<InputType>();

/**
 * A strict object. For unknown keys the message is the list of the known ones: issues.ts makes the sentence.
 *
 * @param name of its input type, and of its table in docs/config.md
 */
export function section<Shape extends z.core.$ZodLooseShape>(name: string, shape: Shape, expected: string) {
  const known = Object.keys(shape).join(" ");
  return z
    .strictObject(shape, { error: (issue) => (issue.code === "unrecognized_keys" ? known : expected) })
    .register(inputTypes, { name });
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

const ANY_NETWORK = 'an address or network such as "10.0.0.0/8" or "::1"';
export const networkText = text(ANY_NETWORK).refine((network) => isNetwork(network), { error: ANY_NETWORK });

/** One of several options of a section is wrong, seen beside the others. */
export function reportOption(context: z.RefinementCtx, option: string, expected: string): void {
  context.addIssue({ code: "custom", path: [option], message: expected });
}
