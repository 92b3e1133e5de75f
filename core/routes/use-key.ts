import type { PolicyBinding } from "../../sandbox/contract.ts";

/** Of bindings, which all connections of a route share: each tick asks for some. */
const known = new WeakMap<object, string>();

/** What tells one use of a policy from the others in a chain, and stays the same when the chain or the policy is another. */
export function useKey(binding: Pick<PolicyBinding, "policy" | "options">): string {
  let key = known.get(binding);
  if (key === undefined) {
    key = `${binding.policy}\n${JSON.stringify(binding.options)}`;
    known.set(binding, key);
  }
  return key;
}

export function policyOfUse(use: string): string {
  return use.split("\n", 1)[0] ?? use;
}
