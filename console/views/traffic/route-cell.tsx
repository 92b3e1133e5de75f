import type { TrafficRecord } from "../../../core/traffic/records.ts";
import { Cell } from "./cell.tsx";

/** With the node that recorded it, where those of a whole fleet are shown. */
export function RouteCell({ record: { route, node } }: { readonly record: TrafficRecord }) {
  return (
    <Cell class="c-route" title={node === undefined ? undefined : `${route}, recorded by ${node}`}>
      {route || <span class="muted">none</span>}
      {node !== undefined && <span class="muted"> · {node}</span>}
    </Cell>
  );
}
