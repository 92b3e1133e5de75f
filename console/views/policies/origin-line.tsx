import { Ago, Notice } from "../../parts/basics.tsx";
import { useApp } from "../../state/app.ts";
import { useLoaded } from "../../state/loaded.ts";

/** Where policies come from, which version of it runs, and what is wrong; nothing where they are a folder of the machine. */
export function OriginLine() {
  const { api, live } = useApp();
  const [loaded] = useLoaded(api.source, [live.changes.policies.value], 15_000);
  const source = loaded.value.value?.source;
  if (!source) return null;
  const { active, offered, origin, problem } = source;
  return (
    <div class="policy-list-note">
      <p class="muted">
        From <code>{origin}</code>
        {active && (
          <>
            : version <code title={active.digest}>{shorten(active.revision)}</code>
            {active.madeOf !== "" && <>, made of {active.madeOf}</>}, since <Ago time={active.activatedAt} />
          </>
        )}
        {offered && (
          <>
            ; <code title={offered.digest}>{shorten(offered.revision)}</code> waits for a word
          </>
        )}
      </p>
      {problem && (
        <Notice tone={problem.kind === "refused" ? "bad" : "warn"}>
          {problem.kind === "refused" ? "A version is refused" : "The source gives nothing"}:{" "}
          {problem.message}
        </Notice>
      )}
    </div>
  );
}

/** A commit or a digest. */
function shorten(revision: string): string {
  return revision.replace(/^sha256:/, "").slice(0, 12);
}
