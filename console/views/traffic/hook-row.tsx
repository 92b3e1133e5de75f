import type { HookRecord } from "../../../core/traffic/records.ts";
import { bytes, clockTime, elapsed } from "../../parts/format.ts";
import { Icon } from "../../parts/icon.tsx";
import { previewOf } from "../../parts/preview.ts";
import { Cell } from "./cell.tsx";
import { RouteCell } from "./route-cell.tsx";
import { hookTone, hookWords } from "./words.ts";

/** Among frames: what a policy said by itself. */
export function HookCells({ record }: { readonly record: HookRecord }) {
  const { policy, hook, outcome, toClient, toServer } = record;
  const sent = [...toClient, ...toServer];
  return (
    <>
      <Cell class="c-time mono">{clockTime(record.time)}</Cell>
      <Cell class="c-from from-policy" title={hookWords(record)}>
        <Icon name="policies" size={13} />
        <span class="c-from-word">{policy}</span>
      </Cell>
      <Cell class="c-session mono">{record.session}</Cell>
      <RouteCell record={record} />
      <Cell class="c-type">{hook}</Cell>
      <Cell class="c-length right number">
        {sent.length > 0 && bytes(sent.reduce((sum, { length }) => sum + length, 0))}
      </Cell>
      <Cell class="c-took right number">
        {record.durationMs === 0 ? <span class="muted">–</span> : elapsed(record.durationMs)}
      </Cell>
      <Cell class="c-outcome">
        <span class={`badge ${hookTone(outcome)}`}>{outcome}</span>
      </Cell>
      <Cell class="c-payload mono">{sent[0] === undefined ? record.detail : previewOf(sent[0])}</Cell>
    </>
  );
}
