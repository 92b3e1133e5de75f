import type { SessionFacts, TrafficRecord } from "../../../core/traffic/records.ts";
import { Button } from "../../parts/basics.tsx";
import { clockTime } from "../../parts/format.ts";
import { NoteBar } from "../../parts/notes/note-bar.tsx";
import { RecordActions } from "./actions/record-actions.tsx";
import { CloseDetail } from "./close-detail.tsx";
import { FrameDetail } from "./frame-detail.tsx";
import { HookDetail } from "./hook-detail.tsx";
import { RequestDetail } from "./request-detail.tsx";
import { SessionFactsBox } from "./session-facts.tsx";
import { UpgradeDetail } from "./upgrade-detail.tsx";
import { opcodeName } from "./words.ts";

export function RecordDetail({
  record,
  facts,
  onClose,
}: {
  readonly record: TrafficRecord;
  /** Of its session, where they are known. */
  readonly facts: SessionFacts | undefined;
  readonly onClose: () => void;
}) {
  return (
    <section class="detail" aria-label="Detail">
      <header class="detail-head">
        <h2>{titleOf(record)}</h2>
        <span class="muted number">{clockTime(record.time)}</span>
        <span class="spread" />
        <RecordActions record={record} />
        <Button icon="close" look="quiet" label="Close the detail" title="Close (Esc)" onClick={onClose} />
      </header>
      <NoteBar record={record} />
      <SessionFactsBox record={record} facts={facts} />
      {record.kind === "frame" ? (
        <FrameDetail record={record} />
      ) : record.kind === "upgrade" ? (
        <UpgradeDetail record={record} />
      ) : record.kind === "request" ? (
        <RequestDetail record={record} />
      ) : record.kind === "hook" ? (
        <HookDetail record={record} />
      ) : (
        <CloseDetail record={record} />
      )}
    </section>
  );
}

function titleOf(record: TrafficRecord): string {
  switch (record.kind) {
    case "frame":
      return `${record.origin === "client" ? "Client" : "Server"} ${opcodeName(record.opcode)} #${record.sequence}`;
    case "upgrade":
      return record.status === 101 ? "Upgrade" : `Refused ${record.status}`;
    case "request":
      return `${record.method} ${record.status}`;
    case "hook":
      return `${record.policy} ${record.hook}`;
    case "close":
      return `Close ${record.code}`;
  }
}
