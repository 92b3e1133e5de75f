import { Fragment } from "preact";
import { useMemo, useState } from "preact/hooks";
import type { PolicySourceView, PolicyView } from "../../../../core/admin/api/api-schema.ts";
import { Empty, Loading, Segmented } from "../../../parts/basics.tsx";
import { VisibleText } from "../../../parts/visible-text.tsx";
import { useApp } from "../../../state/app.ts";
import { useLoaded } from "../../../state/loaded.ts";
import { readStored, store } from "../../../state/stored.ts";
import { diffSources, type FileDiff, pairLines, type SourceLine } from "./source-diff.ts";
import "./version-diff.css";

interface VersionDiffProps {
  readonly policy: PolicyView;
  /** Versions. */
  readonly before: string;
  readonly after: string;
  readonly onChange: (versions: { readonly before: string; readonly after: string }) => void;
}

type Look = "unified" | "beside";

const LOOKS = [
  ["unified", "Unified"],
  ["beside", "Side by side"],
] as const satisfies readonly (readonly [Look, string])[];

/** What is otherwise in the sources of two versions. */
export function VersionDiff({ policy, before, after, onChange }: VersionDiffProps) {
  const { api } = useApp();
  const [look, setLook] = useState(readStored("version-diff", "unified") as Look);
  const [loaded] = useLoaded(
    () => Promise.all([before, after].map((version) => api.policySource(policy.name, version))),
    [policy.name, before, after],
  );
  const { value, error } = loaded.value;
  const pick = (label: string, value: string, change: (version: string) => void) => (
    <select
      class="filter-pick mono is-set"
      aria-label={label}
      value={value}
      onChange={(event) => change(event.currentTarget.value)}
    >
      {policy.versions.map(({ version, isCurrent }) => (
        <option key={version} value={version}>
          {version.slice(0, 8)}
          {isCurrent ? " (runs)" : ""}
        </option>
      ))}
    </select>
  );
  return (
    <section class="card" aria-label="Difference of two versions">
      <header class="version-diff-head">
        <h2>Difference</h2>
        {pick("From version", before, (version) => onChange({ before: version, after }))}
        <span class="muted" aria-hidden="true">
          →
        </span>
        {pick("To version", after, (version) => onChange({ before, after: version }))}
        <span class="spread" />
        <Segmented
          label="Look"
          options={LOOKS}
          current={look}
          onChange={(next) => {
            store("version-diff", next);
            setLook(next);
          }}
        />
      </header>
      {error !== undefined ? (
        <Empty icon="warn" title="The sources could not be read">
          {error.message}
        </Empty>
      ) : value === undefined ? (
        <Loading />
      ) : (
        <Files sources={value} look={look} />
      )}
    </section>
  );
}

function Files({ sources, look }: { readonly sources: readonly PolicySourceView[]; readonly look: Look }) {
  const files = useMemo(() => {
    const [before, after] = sources;
    return before === undefined || after === undefined ? [] : diffSources(before, after);
  }, [sources]);
  if (files.length === 0)
    return (
      <Empty icon="check" title="Their files are alike">
        What policies import of packages is not shown: that may be otherwise.
      </Empty>
    );
  return (
    <>
      {files.map((file) => (
        <FileDiffView key={file.path} file={file} look={look} />
      ))}
    </>
  );
}

function FileDiffView({ file: { path, pieces }, look }: { readonly file: FileDiff; readonly look: Look }) {
  return (
    <div class="code version-diff" tabIndex={0} role="region" aria-label={path}>
      <p class="version-diff-path">{path}</p>
      {pieces.map((lines, index) => (
        <Fragment key={index}>
          {index > 0 && <p class="version-diff-gap muted">…</p>}
          {look === "unified"
            ? lines.map((line, at) => (
                <div key={at} class={`version-line ${CLASSES[line.mark]}`}>
                  <LineNumber of={line.before} />
                  <LineNumber of={line.after} />
                  <LineText line={line} />
                </div>
              ))
            : pairLines(lines).map(([gone, come], at) => (
                <div key={at} class="version-pair">
                  <Side line={gone} number={gone?.before} />
                  <Side line={come} number={come?.after} />
                </div>
              ))}
        </Fragment>
      ))}
    </div>
  );
}

const CLASSES = { " ": "", "+": "added", "-": "removed" } as const satisfies Record<
  SourceLine["mark"],
  string
>;

function Side({
  line,
  number,
}: {
  readonly line: SourceLine | undefined;
  readonly number?: number | undefined;
}) {
  return (
    <div class={`version-side ${line === undefined ? "none" : CLASSES[line.mark]}`}>
      <LineNumber of={number} />
      {line !== undefined && <LineText line={line} />}
    </div>
  );
}

function LineNumber({ of }: { readonly of: number | undefined }) {
  return (
    <span class="line-number" aria-hidden="true">
      {of}
    </span>
  );
}

function LineText({ line: { mark, text } }: { readonly line: SourceLine }) {
  return (
    <span class="version-text">
      <span class="diff-mark">
        {mark}
        {mark !== " " && <span class="sr-only">{mark === "+" ? "added" : "removed"}</span>}
      </span>
      <VisibleText text={text} />
    </span>
  );
}
