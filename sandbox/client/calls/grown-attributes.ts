import type { Outcome, Renewal } from "../../contract/verdicts.ts";
import type { ConnectionContext } from "../../contract.ts";
import { MAX_ATTRIBUTES } from "../../wire/fields.ts";

/**
 * Attributes of a renewal are merged over those of its connection and stay: each may be small and all of them together
 * without bound. To be asked when the verdict is about to be carried out, for what is merged by then counts.
 *
 * @param context JSON of the connection's context
 * @returns what was expected, and got; undefined: they may be merged
 */
export function findGrownAttributes(outcome: Outcome, context: string): string | undefined {
  const more = renewalOf(outcome)?.attributes;
  if (more === undefined) return undefined;
  const { attributes } = JSON.parse(context) as ConnectionContext;
  const { length } = JSON.stringify({ ...attributes, ...more });
  // Those that the `upgrade` hooks of a chain set may have more together: it is not to become still more.
  const max = Math.max(MAX_ATTRIBUTES, JSON.stringify({ ...attributes }).length);
  if (length <= max) return undefined;
  return `expected the connection's attributes to be at most ${max} characters of JSON with the renewed \`attributes\` merged over them, got ${length}; set those to null that are of no use any more`;
}

function renewalOf(outcome: Outcome): Renewal | undefined {
  switch (outcome.kind) {
    case "message":
      return outcome.aside?.renewal;
    case "tick":
      return outcome.renewal;
    case "renew":
      return outcome;
  }
  return undefined;
}
