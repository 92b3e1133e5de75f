import type { SessionFilterInput } from "../../core/admin/api/session-filter-schema.ts";

/** Which sessions are meant, as the options say it. */
export interface FilterFlags extends Omit<SessionFilterInput, "attribute"> {
  readonly attribute?: readonly string[];
}

/** As the API has it. */
export function filterOfFlags(flags: FilterFlags) {
  const { session, route, client, policy, subprotocol, older, younger, upstream, target } = flags;
  // The first of the two ends the name, as the API has it: a value may have more of them.
  const attribute = flags.attribute?.map((text) => text.replace(/[=:]/, ":"));
  return { session, route, client, attribute, policy, subprotocol, older, younger, upstream, target };
}
