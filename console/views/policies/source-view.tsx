import { useState } from "preact/hooks";
import type { PolicyView } from "../../../core/admin/api/api-schema.ts";
import { CopyButton, Empty, Loading } from "../../parts/basics.tsx";
import { CodeView } from "../../parts/code-view.tsx";
import { useApp } from "../../state/app.ts";
import { useLoaded } from "../../state/loaded.ts";
import { useQuery } from "../../state/query.ts";

/** The author's files as a version was made of them; read-only. */
export function SourceView({ policy }: { readonly policy: PolicyView }) {
  const { api } = useApp();
  const [query, change] = useQuery();
  const version = query.version ?? policy.version;
  const [loaded] = useLoaded(
    async () => (version === "" ? undefined : await api.policySource(policy.name, version)),
    [policy.name, version],
  );
  const [chosen, setChosen] = useState("");
  const { value, error } = loaded.value;
  if (version === "") {
    return (
      <Empty icon="policies" title="No version of it ever loaded">
        Its file has a problem, which is shown under Now. Once that is repaired, what runs is shown here.
      </Empty>
    );
  }
  if (error && value === undefined) {
    return (
      <Empty icon="warn" title="The source could not be read">
        {error.message}
      </Empty>
    );
  }
  if (value === undefined) return <Loading />;
  const { files } = value;
  const file = files.find(({ path }) => path === chosen) ?? files[0];
  return (
    <div class="source">
      <div class="source-bar">
        {files.map(({ path }) => (
          <button
            key={path}
            type="button"
            class={`button quiet mono${path === file?.path ? " on" : ""}`}
            aria-pressed={path === file?.path}
            onClick={() => setChosen(path)}
          >
            {path}
          </button>
        ))}
        <span class="spread" />
        <select
          class="filter-pick mono"
          aria-label="Version"
          value={version}
          onChange={(event) => change({ version: event.currentTarget.value })}
        >
          {policy.versions.map((one) => (
            <option key={one.version} value={one.version}>
              {one.version.slice(0, 8)}
              {one.isCurrent ? " (runs)" : ""}
            </option>
          ))}
        </select>
        <CopyButton label="Copy the source" text={() => file?.content ?? ""} />
      </div>
      {file && <CodeView text={file.content} />}
    </div>
  );
}
