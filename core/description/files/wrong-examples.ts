import { isObject } from "../../../policies/is-object.ts";

/** A message with one thing wrong, and what that is. */
export interface WrongExample {
  readonly what: string;
  readonly payload: unknown;
}

/** A copy of a message that is refused; undefined where the description lets every one pass. */
export function spoil(payload: unknown, isRefused: (payload: unknown) => boolean): WrongExample | undefined {
  const copies = isObject(payload) ? [...spoiltMembers(payload)] : [];
  return [...copies, { what: "as null", payload: null }].find((copy) => isRefused(copy.payload));
}

function* spoiltMembers(message: Readonly<Record<string, unknown>>): Generator<WrongExample> {
  for (const name of Object.keys(message)) {
    const { [name]: _, ...others } = message;
    yield { what: `without ${name}`, payload: others };
  }
  for (const [name, value] of Object.entries(message)) {
    const other = typeof value === "string" ? 0 : "wrong";
    yield { what: `with ${JSON.stringify(other)} as ${name}`, payload: { ...message, [name]: other } };
  }
  yield { what: "with a member that is not described", payload: { ...message, notDescribed: true } };
}
