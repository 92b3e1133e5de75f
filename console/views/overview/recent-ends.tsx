import type { ComponentChildren } from "preact";
import type { CloseRecord, UpgradeRecord } from "../../../core/traffic/records.ts";
import { Ago, Button, Empty, Loading } from "../../parts/basics.tsx";
import { reachOf, useRecording } from "../../parts/recording/recording.ts";
import { RecordingOff } from "../../parts/recording/recording-off.tsx";
import { toOneLine } from "../../parts/visible-text.tsx";
import { useApp } from "../../state/app.ts";
import { type Loaded, useLoaded } from "../../state/loaded.ts";
import { link } from "../../state/query.ts";
import { closeTone, closeWords, statusTone } from "../traffic/words.ts";

const SHOWN = 7;
const EVERY_MS = 3000;

/** The last closes that were no normal end, and the last upgrades that were refused. */
export function RecentEnds() {
  const { api } = useApp();
  const [{ value: recording }] = useRecording();
  const isRecording = recording === undefined || reachOf(recording) !== "off";
  const [closes, askCloses] = useLoaded(() => api.traffic({ kind: "close", limit: 60 }), [], EVERY_MS);
  const [upgrades, askUpgrades] = useLoaded(() => api.traffic({ kind: "upgrade", limit: 200 }), [], EVERY_MS);
  const ends = (closes.value.value?.records ?? [])
    .filter((record): record is CloseRecord => record.kind === "close")
    .slice(0, SHOWN);
  const refused = (upgrades.value.value?.records ?? [])
    .filter((record): record is UpgradeRecord => record.kind === "upgrade" && record.status !== 101)
    .slice(0, SHOWN);
  return (
    <div class="ends">
      <EndsCard
        title="Recent closes"
        ends={ends}
        look={(record) => ({
          tone: closeTone(record),
          number: record.code,
          text: (
            <>
              {closeWords(record)}
              {record.reason !== "" && <span class="muted"> “{toOneLine(record.reason)}”</span>}
            </>
          ),
        })}
        empty={
          <NoEnds loaded={closes.value} isRecording={isRecording} onRetry={askCloses}>
            <Empty icon="end" title="No end of a session is recorded yet">
              Each end is here, with who closed it and why.
            </Empty>
          </NoEnds>
        }
      />
      <EndsCard
        title="Recent refusals"
        ends={refused}
        look={(record) => ({
          tone: statusTone(record.status),
          number: record.status,
          text: (
            <>
              <span class="mono">{toOneLine(record.path)}</span>{" "}
              <span class="muted">{record.detail || record.code}</span>
            </>
          ),
        })}
        empty={
          <NoEnds loaded={upgrades.value} isRecording={isRecording} onRetry={askUpgrades}>
            <Empty icon="check" title="None of the last recorded upgrades was refused">
              Refused ones are here, with the reason that the client is not told.
            </Empty>
          </NoEnds>
        }
      />
    </div>
  );
}

interface EndsCardProps<Record> {
  readonly title: string;
  readonly ends: readonly Record[];
  look(record: Record): { readonly tone: string; readonly number: number; readonly text: ComponentChildren };
  readonly empty: ComponentChildren;
}

interface NoEndsProps {
  readonly loaded: Loaded<unknown>;
  readonly isRecording: boolean;
  readonly onRetry: () => void;
  /** For where there is none. */
  readonly children: ComponentChildren;
}

/** None is shown: because there is none, because nothing is recorded, or because nobody knows. */
function NoEnds({ loaded: { value, error }, isRecording, onRetry, children }: NoEndsProps) {
  if (error !== undefined)
    return (
      <Empty
        icon="warn"
        title="What is recorded cannot be read"
        actions={<Button onClick={onRetry}>Try again</Button>}
      >
        {error.message}
      </Empty>
    );
  if (value === undefined) return <Loading />;
  return isRecording ? children : <RecordingOff />;
}

function EndsCard<Record extends CloseRecord | UpgradeRecord>({
  title,
  ends,
  look,
  empty,
}: EndsCardProps<Record>) {
  return (
    <section class="card">
      <header>
        <h2>{title}</h2>
        <span class="spread" />
        <a href="/traffic/http">All</a>
      </header>
      <ul class="end-list">
        {ends.map((record) => {
          const { tone, number, text } = look(record);
          return (
            <li key={record.seq}>
              <a href={link("/traffic/http", { sel: record.seq })}>
                <span class={`badge ${tone} number`}>{number}</span>
                <span class="end-text">{text}</span>
                <span class="muted end-time">
                  <Ago time={record.time} />
                </span>
              </a>
            </li>
          );
        })}
      </ul>
      {ends.length === 0 && empty}
    </section>
  );
}
