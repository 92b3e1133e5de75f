import type { SessionEndEvent } from "../events.ts";
import type { SessionEnd } from "../session-end.ts";

/** The place of a session that has ended. */
type EndedPlace = Pick<SessionEndEvent, "id" | "route" | "client" | "server">;

/** Named one by one: what is spread behind other members V8 copies the slow way. In this order they are in the log. */
export function endEvent(place: EndedPlace, end: SessionEnd): SessionEndEvent {
  return {
    type: "session-end",
    id: place.id,
    route: place.route,
    client: place.client,
    server: place.server,
    initiator: end.initiator,
    code: end.code,
    reason: end.reason,
    cause: end.cause,
    detail: end.detail,
    policy: end.policy,
    version: end.version,
    rule: end.rule,
    codes: end.codes,
    durationMs: end.durationMs,
    messages: end.messages,
    bytes: end.bytes,
  };
}
