import type { LiveSession } from "../../engine/live-session.ts";
import type { RedactionRules } from "../../redaction/rules.ts";
import type { ShownSession } from "../questions/answer-schemas.ts";

export type ShownBy = Pick<RedactionRules, "redactAttributes" | "redactHeader" | "redactUrl">;

/** What must not be shown is hidden. */
export function showSession(session: LiveSession, rules: ShownBy): ShownSession {
  const { path, server, subprotocol, attributes } = session;
  return {
    ...session,
    path: rules.redactUrl(path),
    server: rules.redactUrl(server),
    // As in the records: browsers have no other place for a token.
    subprotocol:
      subprotocol === "" ? "" : rules.redactHeader("sec-websocket-protocol", subprotocol, subprotocol),
    attributes: rules.redactAttributes(attributes),
  };
}
