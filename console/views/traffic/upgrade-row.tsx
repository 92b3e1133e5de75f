import type { RequestRecord, UpgradeRecord } from "../../../core/traffic/records.ts";
import { address, clockTime, elapsed } from "../../parts/format.ts";
import { toOneLine } from "../../parts/visible-text.tsx";
import { Cell, HeadCell } from "./cell.tsx";
import { RouteCell } from "./route-cell.tsx";
import { statusTone } from "./words.ts";

export function UpgradeHead() {
  return (
    <div role="row" class="row head">
      <HeadCell class="c-time">Time</HeadCell>
      <HeadCell class="c-status">Status</HeadCell>
      <HeadCell class="c-method">What</HeadCell>
      <HeadCell class="c-path">Path</HeadCell>
      <HeadCell class="c-route">Route</HeadCell>
      <HeadCell class="c-client">Client</HeadCell>
      <HeadCell class="c-server">Server</HeadCell>
      <HeadCell class="c-policies">Policies</HeadCell>
      <HeadCell class="c-took right">Took</HeadCell>
    </div>
  );
}

export function UpgradeCells({ record }: { readonly record: UpgradeRecord | RequestRecord }) {
  const { status, code, steps } = record;
  return (
    <>
      <Cell class="c-time mono">{clockTime(record.time)}</Cell>
      <Cell class="c-status" title={code}>
        <span class={`badge ${statusTone(status)} number`}>{status}</span>
      </Cell>
      <Cell class="c-method" title={record.kind === "request" ? "A plain request" : undefined}>
        {record.kind === "upgrade" ? "Upgrade" : record.method}
      </Cell>
      <Cell class="c-path mono" title={code === "" ? undefined : code}>
        {toOneLine(record.path)}
        {code !== "" && <span class="muted"> {code}</span>}
      </Cell>
      <RouteCell record={record} />
      <Cell class="c-client mono">{address(record.client)}</Cell>
      <Cell class="c-server mono">{record.server.replace(/^(?:ws|http)s?:\/\//, "")}</Cell>
      <Cell class="c-policies">{steps.map(({ policy }) => policy).join(", ")}</Cell>
      <Cell class="c-took right number">{elapsed(record.durationMs)}</Cell>
    </>
  );
}
