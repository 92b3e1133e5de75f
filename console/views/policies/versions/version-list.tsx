import { useState } from "preact/hooks";
import type { PolicyView } from "../../../../core/admin/api/api-schema.ts";
import type { EndedRolloutView } from "../../../../core/admin/api/rollout-schema.ts";
import { Ago, Badge, Button, Dialog, Empty, Notice, type Tone, WriteButton } from "../../../parts/basics.tsx";
import { fullTime } from "../../../parts/format.ts";
import { useApp } from "../../../state/app.ts";
import { link, useQuery } from "../../../state/query.ts";
import { VersionDiff } from "./version-diff.tsx";

interface VersionListProps {
  readonly policy: PolicyView;
  /** The last rollout that is over. */
  readonly ended: EndedRolloutView | undefined;
  readonly onChange: () => void;
}

export function VersionList({ policy, ended, onChange }: VersionListProps) {
  const { api, attempt } = useApp();
  const [asked, setAsked] = useState("");
  const [query, change] = useQuery();
  const { before, after } = query;
  const { name, versions } = policy;
  const takenBack = ended?.outcome === "taken back" ? ended : undefined;
  const isHarmful = takenBack?.version === asked;
  const rollBack = async () => {
    if (await attempt(`${name} runs version ${asked.slice(0, 8)}`, () => api.rollBack(name, asked)))
      setAsked("");
    onChange();
  };
  const compare = (chosen: string) => change(beside(chosen, versions));
  if (versions.length === 0) {
    return (
      <Empty icon="undo" title="There is no version to go back to">
        No version of it has loaded since the gateway started.
      </Empty>
    );
  }
  return (
    <div class="page-body">
      <section class="card">
        <ul class="version-list">
          {versions.map((one) => (
            <li key={one.version}>
              <span class={`dot ${one.isCurrent ? "good" : ""}`} />
              <a
                class="mono"
                href={link(`/policies/${encodeURIComponent(name)}/source`, { version: one.version })}
                title="See its source"
              >
                {one.version.slice(0, 12)}
              </a>
              {one.isCurrent && <Badge tone="good">runs</Badge>}
              {one.isPinned && (
                <Badge tone="warn" title="Newer files wait until the next change or reload">
                  rolled back to
                </Badge>
              )}
              {ended?.version === one.version && <EndedBadge ended={ended} />}
              <span class="spread" />
              <span class="muted version-time">
                <Ago time={one.loadedAt} /> <span class="wide-only">· {fullTime(one.loadedAt)}</span>
              </span>
              {versions.length > 1 && <Button onClick={() => compare(one.version)}>Compare</Button>}
              <WriteButton
                icon="undo"
                refusal={one.isCurrent ? "This version runs already." : ""}
                onClick={() => setAsked(one.version)}
              >
                {takenBack?.version === one.version ? "Make it live" : "Roll back"}
              </WriteButton>
            </li>
          ))}
        </ul>
      </section>
      {before !== undefined && after !== undefined && (
        <VersionDiff policy={policy} before={before} after={after} onChange={change} />
      )}
      <p class="muted">
        The last good versions since the gateway started. A version that was rolled back to runs until the
        file changes or the policy is reloaded.
      </p>
      {asked !== "" && (
        <Dialog
          title={isHarmful ? `Make this version of ${name} live?` : `Roll ${name} back?`}
          onClose={() => setAsked("")}
          footer={
            <>
              <Button onClick={() => setAsked("")}>Leave it</Button>
              <Button look="primary" onClick={() => void rollBack()}>
                {isHarmful ? "Make it live" : "Roll back"}
              </Button>
            </>
          }
        >
          {isHarmful && (
            <Notice tone="bad">
              <strong>It was taken back for {takenBack?.rule}</strong>: {takenBack?.reason}. That may happen
              again, and nothing takes it back by itself.
            </Notice>
          )}
          <p>
            Version <code>{asked.slice(0, 12)}</code> takes over in all workers, for open sessions too, with
            the next message. The file itself is not changed.
          </p>
        </Dialog>
      )}
    </div>
  );
}

/** With the one that runs; that one with the one before it. The older one first. */
function beside(
  chosen: string,
  versions: PolicyView["versions"],
): { readonly before: string; readonly after: string } {
  const at = versions.findIndex(({ version }) => version === chosen);
  const current = versions.findIndex(({ isCurrent }) => isCurrent);
  const other = at === current ? Math.min(at + 1, versions.length - 1) : current;
  const [newer = 0, older = 0] = [at, other === at ? at - 1 : other].sort((a, b) => a - b);
  return { before: versions[older]?.version ?? chosen, after: versions[newer]?.version ?? chosen };
}

const ENDED_TONES = {
  finished: "good",
  "given up": "",
  "taken back": "bad",
} as const satisfies Record<EndedRolloutView["outcome"], Tone>;

function EndedBadge({ ended: { outcome, rule, reason } }: { readonly ended: EndedRolloutView }) {
  return (
    <Badge tone={ENDED_TONES[outcome]} title={reason}>
      {rule === "" ? outcome : `${outcome}: ${rule}`}
    </Badge>
  );
}
