import { PoliciesError } from "../policies/error.ts";
import { checkOptions } from "../policies/use-options.ts";

export type GivenOptions = Readonly<Record<string, unknown>>;

/** With the schema's defaults. Throws a PoliciesError (`ERR_POLICY_OPTIONS`) in the words of the gateway's log. */
export function requireOptions(policy: string, schema: unknown, given: GivenOptions = {}): GivenOptions {
  const checked = checkOptions(schema, given);
  if ("options" in checked) return checked.options;
  throw new PoliciesError("ERR_POLICY_OPTIONS", `policy "${policy}": ${checked.problem}`);
}
