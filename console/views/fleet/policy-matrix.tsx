import type { NodeView } from "../../../core/admin/api/fleet/fleet-schema.ts";
import { Ago, Badge } from "../../parts/basics.tsx";
import { number } from "../../parts/format.ts";
import { Odd, SHOWN_DIGITS } from "./node-table.tsx";

/** Each policy in a row, each machine in a column; what is the same everywhere is one cell, so that the rest is seen. */
export function PolicyMatrix({ nodes }: { readonly nodes: readonly NodeView[] }) {
  const there = nodes.filter(({ state }) => state !== "gone" && state !== "unreadable");
  const names = [...new Set(there.flatMap(({ policies }) => policies.map(({ name }) => name)))];
  if (names.length === 0) return null;
  const rows = names.map((name) => ({ name, isOdd: there.some((node) => isOddAt(node, name)) }));
  rows.sort((a, b) => Number(b.isOdd) - Number(a.isOdd) || (a.name < b.name ? -1 : 1));
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
              {there.map(({ node }) => (
                <th key={node}>{node}</th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(({ name }) => (
              <tr key={name}>
                <td>
                  <a href={`/policies/${encodeURIComponent(name)}`}>{name}</a>
                </td>
                {there.map((node) => (
                  <td key={node.node}>
                    <PolicyCell node={node} name={name} />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function PolicyCell({ node, name }: { readonly node: NodeView; readonly name: string }) {
  const policy = node.policies.find((each) => each.name === name);
  const rollout = node.rollouts.find((each) => each.policy === name);
  return (
    <>
      <Odd isOdd={isOddAt(node, name)}>
        <span class="mono">{policy?.version.slice(0, SHOWN_DIGITS) || "none"}</span>
      </Odd>
      {policy !== undefined && policy.since > 0 && (
        <span class="policy-since muted">
          <Ago time={policy.since} />
        </span>
      )}
      {rollout && (
        <Badge tone="note" title={`${rollout.version} is on its way: ${rollout.state}`}>
          {Math.round(rollout.share * 100)} % {rollout.version.slice(0, SHOWN_DIGITS)}
        </Badge>
      )}
    </>
  );
}

function isOddAt({ differences }: NodeView, policy: string): boolean {
  return differences.some(({ what, name }) => what === "policy" && name === policy);
}
