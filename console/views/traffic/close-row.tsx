import type { CloseRecord } from "../../../core/traffic/records.ts";
import { address, clockTime, span } from "../../parts/format.ts";
import { Icon } from "../../parts/icon.tsx";
import { toOneLine } from "../../parts/visible-text.tsx";
import { Cell } from "./cell.tsx";
import { RouteCell } from "./route-cell.tsx";
import { closeTone, closeWords } from "./words.ts";

/** A close among frames or upgrades: who, with which code, on what grounds. */
export function CloseCells({
  record,
  isAmongFrames,
}: {
  readonly record: CloseRecord;
  readonly isAmongFrames: boolean;
}) {
  const why = (
    <>
      {closeWords(record)}
      {record.reason !== "" && <span class="muted"> “{toOneLine(record.reason)}”</span>}
    </>
  );
  const badge = <span class={`badge ${closeTone(record)} number`}>{record.code}</span>;
  if (!isAmongFrames) {
    return (
      <>
        <Cell class="c-time mono">{clockTime(record.time)}</Cell>
        <Cell class="c-status">{badge}</Cell>
        <Cell class="c-method">Close</Cell>
        <Cell class="c-path">{why}</Cell>
        <RouteCell record={record} />
        <Cell class="c-client mono">{address(record.client)}</Cell>
        <Cell class="c-server mono">{record.server.replace(/^wss?:\/\//, "")}</Cell>
        <Cell class="c-policies">{record.policy}</Cell>
        <Cell class="c-took right number" title="How long the session was open">
          {span(record.durationMs)}
        </Cell>
      </>
    );
  }
  return (
    <>
      <Cell class="c-time mono">{clockTime(record.time)}</Cell>
      <Cell class="c-from">
        <Icon name="end" size={13} />
        <span class="c-from-word">{record.initiator}</span>
      </Cell>
      <Cell class="c-session mono">{record.session}</Cell>
      <RouteCell record={record} />
      <Cell class="c-type">end</Cell>
      <Cell class="c-length right" />
      <Cell class="c-took right number" title="How long the session was open">
        {span(record.durationMs)}
      </Cell>
      <Cell class="c-outcome">{badge}</Cell>
      <Cell class="c-payload">{why}</Cell>
    </>
  );
}
