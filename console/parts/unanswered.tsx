import { Fragment } from "preact";
import type { SessionsPage } from "../../core/admin/api/api-schema.ts";
import { Notice } from "./basics.tsx";

const REASONS = {
  silent: "does not answer",
  version: "is of another version, and does not understand the question",
  failed: "could not answer",
} as const;

/** More names help nobody. */
const SHOWN = 10;

/** Whose sessions are not among what is shown. */
export function UnansweredNotice({ unanswered }: Pick<SessionsPage, "unanswered">) {
  if (unanswered.length === 0) return null;
  return (
    <div class="session-notice">
      <Notice tone="warn">
        Not among these are the sessions of{" "}
        {unanswered.slice(0, SHOWN).map(({ node, reason }, index) => (
          <Fragment key={node}>
            {index > 0 && ", "}
            <strong>{node}</strong>, which {REASONS[reason]}
          </Fragment>
        ))}
        {unanswered.length > SHOWN && `, and ${unanswered.length - SHOWN} more`}:{" "}
        <a href="/fleet">see the fleet</a>.
      </Notice>
    </div>
  );
}
