import type { FrameRecord } from "../../../core/traffic/records.ts";
import { bytes, clockTime, elapsed } from "../../parts/format.ts";
import { Icon } from "../../parts/icon.tsx";
import { previewOf, previewOfClose } from "../../parts/preview.ts";
import { Cell, HeadCell } from "./cell.tsx";
import { RouteCell } from "./route-cell.tsx";
import { CLOSE, opcodeName, outcomeTone, policiesOf } from "./words.ts";

export function FrameHead() {
  return (
    <div role="row" class="row head">
      <HeadCell class="c-time">Time</HeadCell>
      <HeadCell class="c-from">From</HeadCell>
      <HeadCell class="c-session">Session</HeadCell>
      <HeadCell class="c-route">Route</HeadCell>
      <HeadCell class="c-type">Type</HeadCell>
      <HeadCell class="c-length right">Length</HeadCell>
      <HeadCell class="c-took right">In gateway</HeadCell>
      <HeadCell class="c-outcome">Outcome</HeadCell>
      <HeadCell class="c-payload">Payload</HeadCell>
    </div>
  );
}

export function FrameCells({ record }: { readonly record: FrameRecord }) {
  const { origin, by, outcome } = record;
  return (
    <>
      <Cell class="c-time mono">{clockTime(record.time)}</Cell>
      <Cell
        class={`c-from from-${origin}`}
        title={`From ${origin} to ${origin === "client" ? "server" : "client"}${by === undefined ? "" : ", sent by an operator"}`}
      >
        <Icon name={origin === "client" ? "up" : "arrowDown"} size={13} />
        <span class="c-from-word">{by ?? origin}</span>
      </Cell>
      <Cell class="c-session mono">{record.session}</Cell>
      <RouteCell record={record} />
      <Cell class="c-type">{opcodeName(record.opcode)}</Cell>
      <Cell class="c-length right number">{bytes(record.length)}</Cell>
      <Cell class="c-took right number">
        {record.durationMs === 0 ? <span class="muted">–</span> : elapsed(record.durationMs)}
      </Cell>
      <Cell class="c-outcome" title={policiesOf(record.steps)}>
        {outcome === "spliced" ? (
          <span class="muted">spliced</span>
        ) : outcome === "passed" ? (
          <span class="muted">passed</span>
        ) : (
          <span class={`badge ${outcomeTone(outcome)}`}>{outcome}</span>
        )}
      </Cell>
      <Cell class="c-payload mono">{preview(record)}</Cell>
    </>
  );
}

function preview({ opcode, payload, length }: FrameRecord): string {
  if (payload === null) return length === 0 ? "" : "not kept";
  return opcode === CLOSE ? previewOfClose(payload) : previewOf(payload);
}
