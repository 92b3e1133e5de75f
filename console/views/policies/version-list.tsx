import { useState } from "preact/hooks";
import type { PolicyView } from "../../../core/admin/api/api-schema.ts";
import { Ago, Badge, Button, Dialog, Empty, WriteButton } from "../../parts/basics.tsx";
import { fullTime } from "../../parts/format.ts";
import { useApp } from "../../state/app.ts";
import { link } from "../../state/query.ts";

export function VersionList({
  policy,
  onChange,
}: {
  readonly policy: PolicyView;
  readonly onChange: () => void;
}) {
  const { api, attempt } = useApp();
  const [asked, setAsked] = useState("");
  const { name, versions } = policy;
  const rollBack = async () => {
    if (await attempt(`${name} runs version ${asked.slice(0, 8)}`, () => api.rollBack(name, asked)))
      setAsked("");
    onChange();
  };
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
              <span class="spread" />
              <span class="muted version-time">
                <Ago time={one.loadedAt} /> <span class="wide-only">· {fullTime(one.loadedAt)}</span>
              </span>
              <WriteButton
                icon="undo"
                refusal={one.isCurrent ? "This version runs already." : ""}
                onClick={() => setAsked(one.version)}
              >
                Roll back
              </WriteButton>
            </li>
          ))}
        </ul>
      </section>
      <p class="muted">
        The last good versions since the gateway started. A version that was rolled back to runs until the
        file changes or the policy is reloaded.
      </p>
      {asked !== "" && (
        <Dialog
          title={`Roll ${name} back?`}
          onClose={() => setAsked("")}
          footer={
            <>
              <Button onClick={() => setAsked("")}>Leave it</Button>
              <Button look="primary" onClick={() => void rollBack()}>
                Roll back
              </Button>
            </>
          }
        >
          <p>
            Version <code>{asked.slice(0, 12)}</code> takes over in all workers, for open sessions too, with
            the next message. The file itself is not changed.
          </p>
        </Dialog>
      )}
    </div>
  );
}
