import type { SessionFilterInput } from "../../core/admin/api/sessions/session-filter-schema.ts";

/** Which sessions are meant, as the options say it. */
export interface FilterFlags extends Omit<SessionFilterInput, "attribute"> {
  readonly attribute?: readonly string[];
}

/** As the API has it. */
export function filterOfFlags(flags: FilterFlags) {
  const { session, route, client, attribute, policy, subprotocol, older, younger, upstream, target } = flags;
  return { session, route, client, attribute, policy, subprotocol, older, younger, upstream, target };
}
