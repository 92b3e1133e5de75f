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
          {value !== undefined && value.problem !== "" && <FleetProblem fleet={value} />}
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

/** What is wrong, what holds meanwhile, and what to do. */
function FleetProblem({ fleet: { problem, isLost } }: { readonly fleet: FleetView }) {
  if (!isLost) return <Notice tone="bad">{problem}</Notice>;
  return (
    <Notice tone="bad">
      <strong>{problem}.</strong>
      <ul class="fleet-lost">
        <li>
          Meanwhile: what this machine serves goes on. Limits that count over the fleet go by their{" "}
          <code>onStoreLoss</code>: each machine has its share (<code>"local"</code>, the default), lets
          nothing in (<code>"closed"</code>), or everything (<code>"open"</code>). Sessions of other machines
          are not seen here, and cannot be closed from here.
        </li>
        <li>
          To do: see whether Redis runs and is reached at <code>cluster.url</code> of the config. It is tried
          again by itself, and nothing need be started anew.
        </li>
      </ul>
    </Notice>
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
