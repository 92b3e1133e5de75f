import { useApp } from "../../state/app.ts";
import { plural } from "../format.ts";
import "./acting.css";

/** How many messages are held, beside the link to them: seen from every page. */
export function HeldCount() {
  const { live, holds } = useApp();
  // Of all machines where that is known; a pulse is of this one.
  const count = Math.max(holds.view.value?.held.length ?? 0, live.pulses.value.at(-1)?.held ?? 0);
  if (count === 0) return null;
  return (
    <span
      class="badge warn number rail-count held-count"
      title={`${plural(count, "message")} held at breakpoints`}
    >
      {count}
      <span class="sr-only"> held</span>
    </span>
  );
}

/** Marks a session of which messages are held. */
export function HeldMark({ session }: { readonly session: string }) {
  const { holds } = useApp();
  if (!holds.sessions.value.has(session)) return null;
  return (
    <span class="dot warn held-dot" role="img" aria-label="held" title="A message of this session is held" />
  );
}
