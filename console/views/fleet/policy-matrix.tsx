import { Fragment } from "preact";
import type { NodeView } from "../../../core/admin/api/fleet/fleet-schema.ts";
import { Ago, Badge } from "../../parts/basics.tsx";
import { number } from "../../parts/format.ts";
import { Odd, SHOWN_DIGITS } from "./node-table.tsx";
import { groupByVersion, type PolicyRow, type VersionShare } from "./policy-versions.ts";

/** More than these of a policy, and more machines by name, are a number. */
const SHOWN_VERSIONS = 8;
const SHOWN_NODES = 6;

/** Each policy with the versions that run of it, and on which machines. */
export function PolicyMatrix({ nodes }: { readonly nodes: readonly NodeView[] }) {
  const there = nodes.filter(({ state }) => state !== "gone" && state !== "unreadable");
  const rows = groupByVersion(there);
  if (rows.length === 0) return null;
  const different = rows.filter(({ isOdd }) => isOdd).length;
  return (
    <section class="card">
      <header>
        <h2>Policies</h2>
        <span class="muted">
          {different === 0 ? "the same everywhere" : `${number(different)} not the same everywhere`}
        </span>
      </header>
      <div class="table-scroll" role="region" aria-label="Policies" tabIndex={0}>
        <table class="table policy-matrix">
          <thead>
            <tr>
              <th>Policy</th>
              <th>Version</th>
              <th>Since</th>
              <th>Machines</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <PolicyRows key={row.name} row={row} all={there.length} />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function PolicyRows({ row, all }: { readonly row: PolicyRow; readonly all: number }) {
  const { name, versions, rollouts } = row;
  const more = versions.length - SHOWN_VERSIONS;
  return (
    <>
      {versions.slice(0, SHOWN_VERSIONS).map((share, index) => (
        <tr key={share.version}>
          <td>{index === 0 && <a href={`/policies/${encodeURIComponent(name)}`}>{name}</a>}</td>
          <VersionCells share={share} all={all} />
        </tr>
      ))}
      {more > 0 && (
        <tr>
          <td />
          <td class="muted" colSpan={3}>
            and {number(more)} more
          </td>
        </tr>
      )}
      {rollouts.slice(0, SHOWN_VERSIONS).map(({ version, state, share, nodes }) => (
        <tr key={`${version} ${state} ${share}`}>
          <td />
          <td>
            <Badge tone="note" title={`${version} is on its way: ${state}`}>
              {Math.round(share * 100)} % {version.slice(0, SHOWN_DIGITS)}
            </Badge>
          </td>
          <td class="muted">{state}</td>
          <td>
            <NodeNames nodes={nodes} all={all} />
          </td>
        </tr>
      ))}
    </>
  );
}

function VersionCells({
  share: { version, since, nodes, isOdd },
  all,
}: {
  readonly share: VersionShare;
  readonly all: number;
}) {
  return (
    <>
      <td>
        <Odd isOdd={isOdd}>
          <span class="mono">{version.slice(0, SHOWN_DIGITS) || "none"}</span>
        </Odd>
      </td>
      <td class="muted">{since === 0 ? "–" : <Ago time={since} />}</td>
      <td>
        <NodeNames nodes={nodes} all={all} />
      </td>
    </>
  );
}

function NodeNames({ nodes, all }: { readonly nodes: readonly string[]; readonly all: number }) {
  if (nodes.length === all) return <>all {number(all)}</>;
  const more = nodes.length - SHOWN_NODES;
  return (
    <>
      {nodes.slice(0, SHOWN_NODES).map((node, index) => (
        <Fragment key={node}>
          {index > 0 && ", "}
          {node}
        </Fragment>
      ))}
      {more > 0 && <span class="muted"> and {number(more)} more</span>}
    </>
  );
}
