import { Fragment } from "preact";
import type { SessionsPage } from "../../core/admin/api/api-schema.ts";
import { Notice } from "./basics.tsx";

const REASONS = {
  silent: ["does not answer", "do not answer"],
  version: [
    "is of another version, and does not understand the question",
    "are of another version, and do not understand the question",
  ],
  failed: ["could not answer", "could not answer"],
} as const;

/** More names help nobody. */
const SHOWN = 10;

/** Whose sessions are not among what is shown. */
export function UnansweredNotice({ unanswered }: Pick<SessionsPage, "unanswered">) {
  if (unanswered.length === 0) return null;
  const groups = [...Map.groupBy(unanswered, ({ reason }) => reason)].map(([reason, all]) => ({
    reason,
    nodes: all.map(({ node }) => node),
  }));
  return (
    <div class="session-notice">
      <Notice tone="warn">
        Not among these are the sessions of{" "}
        {groups.map(({ reason, nodes }, index) => (
          <Fragment key={reason}>
            {index > 0 && ", of "}
            {nodes.slice(0, SHOWN).map((node, at) => (
              <Fragment key={node}>
                {at > 0 && (at === nodes.length - 1 ? " and " : ", ")}
                <strong>{node}</strong>
              </Fragment>
            ))}
            {nodes.length > SHOWN && ` and ${nodes.length - SHOWN} more`}, which{" "}
            {REASONS[reason][nodes.length === 1 ? 0 : 1]}
          </Fragment>
        ))}
        : <a href="/fleet">see the fleet</a>.
      </Notice>
    </div>
  );
}
