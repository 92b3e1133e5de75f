import type { FleetView } from "../../../core/admin/api/fleet/fleet-schema.ts";
import { Empty, Loading, Notice } from "../../parts/basics.tsx";
import { number, plural } from "../../parts/format.ts";
import { useApp } from "../../state/app.ts";
import { useLoaded } from "../../state/loaded.ts";
import { NodeTable } from "./node-table.tsx";
import { PolicyMatrix } from "./policy-matrix.tsx";
import "./fleet.css";

/** Who does not answer any more is to be seen soon. */
const EVERY_MS = 2000;

/** Which machine runs what since when; what is not the same everywhere stands out. */
export function FleetPage() {
  const { api } = useApp();
  const [loaded] = useLoaded(api.fleet, [], EVERY_MS);
  const { value, error } = loaded.value;
  return (
    <>
      <header class="page-head">
        <h1>Fleet</h1>
        {value && value.nodes.length > 0 && <Summary fleet={value} />}
      </header>
      <div class="page-scroll" tabIndex={-1}>
        <div class="page-body">
          {error !== undefined && <Notice tone="bad">This is from before: {error.message}</Notice>}
          {value !== undefined && value.problem !== "" && <Notice tone="bad">{value.problem}</Notice>}
          {value === undefined ? (
            error === undefined && <Loading />
          ) : value.node === "" ? (
            <Empty icon="fleet" title="This gateway is in no fleet">
              Name a `cluster` in its config, and it sees all gateways that share it.
            </Empty>
          ) : (
            value.nodes.length > 0 && (
              <>
                <NodeTable nodes={value.nodes} />
                <PolicyMatrix nodes={value.nodes} />
              </>
            )
          )}
        </div>
      </div>
    </>
  );
}

function Summary({ fleet: { nodes } }: { readonly fleet: FleetView }) {
  const there = nodes.filter(({ state }) => state !== "gone");
  const sessions = there.reduce((sum, node) => sum + node.sessions, 0);
  return (
    <span class="muted number">
      {plural(there.length, "machine")}, {number(sessions)} {sessions === 1 ? "session" : "sessions"}
    </span>
  );
}
