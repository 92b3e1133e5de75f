import type { BreakpointView } from "../../../../core/admin/api/breakpoints/breakpoints-schema.ts";
import { WriteButton } from "../../../parts/basics.tsx";
import { plural, span } from "../../../parts/format.ts";
import { VisibleText } from "../../../parts/visible-text.tsx";
import { useApp } from "../../../state/app.ts";
import type { ShownHolds } from "../../../state/holds.ts";

/** The breakpoints that are set, and what they cannot hold. */
export function BreakpointList({ shown }: { readonly shown: ShownHolds }) {
  const { breakpoints, passed, unreadable, mostHeld } = shown;
  const notes = [
    passed.full > 0 &&
      `${plural(passed.full, "message")} passed: a worker holds ${mostHeld} at most, and 8 MiB of them.`,
    passed.large > 0 && `${plural(passed.large, "message")} passed: longer than 256 KiB.`,
    passed.unread > 0 &&
      `${plural(passed.unread, "message")} passed unread: in fragments, or longer than is read, so nobody knows whether they match.`,
    unreadable > 0 &&
      `${plural(unreadable, "session")} cannot be held: each of their compressed messages depends on those before it.`,
  ].filter((note) => note !== false);
  return (
    <>
      <ul class="breakpoint-list" aria-label="Breakpoints">
        {breakpoints.map((breakpoint) => (
          <BreakpointItem key={breakpoint.id} breakpoint={breakpoint} />
        ))}
      </ul>
      {notes.map((note) => (
        <p key={note} class="breakpoint-note" role="status">
          {note}
        </p>
      ))}
    </>
  );
}

function BreakpointItem({ breakpoint }: { readonly breakpoint: BreakpointView }) {
  const { api, attempt, holds, clock } = useApp();
  const { id, filter, session, route, origin, holdMs, expiresAt } = breakpoint;
  const words = [
    filter,
    session && `session:${session}`,
    route && `route:${route}`,
    origin && `from the ${origin}`,
  ].filter(Boolean);
  const remove = async () => {
    if (await attempt("The breakpoint is removed", () => api.removeBreakpoint(id))) await holds.refresh();
  };
  return (
    <li>
      <span class="mono breakpoint-words">
        <VisibleText text={words.join(" ") || "all messages"} />
      </span>
      <span class="muted number">
        {span(holdMs)} each, removed in {span(Math.max(0, expiresAt - clock.value))}
      </span>
      <WriteButton
        icon="trash"
        look="quiet"
        label={`Remove the breakpoint ${words.join(" ")}`}
        onClick={() => void remove()}
      />
    </li>
  );
}
