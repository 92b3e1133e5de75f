import { useState } from "preact/hooks";
import type { NodeView } from "../../../core/admin/api/fleet/fleet-schema.ts";
import { Ago, Badge, Button } from "../../parts/basics.tsx";
import { compact, idleSpan, number } from "../../parts/format.ts";

/** So many are looked through by eye; further ones are asked for. */
const SHOWN_AT_ONCE = 100;

/** Where not all can be shown at once, those that somebody should look at come first. */
export function NodeTable({ nodes }: { readonly nodes: readonly NodeView[] }) {
  const [shown, setShown] = useState(SHOWN_AT_ONCE);
  const isLong = nodes.length > SHOWN_AT_ONCE;
  const sorted = isLong ? nodes.toSorted((a, b) => Number(isWell(a)) - Number(isWell(b))) : nodes;
  return (
    <section class="card">
      <header>
        <h2>Machines</h2>
      </header>
      <div class="table-scroll" role="region" aria-label="Machines" tabIndex={0}>
        <table class="table node-table">
          <thead>
            <tr>
              <th>Machine</th>
              <th>State</th>
              <th class="right">Sessions</th>
              <th>Version</th>
              <th>Started</th>
              <th>Config</th>
              <th class="right">Workers</th>
            </tr>
          </thead>
          <tbody>
            {sorted.slice(0, shown).map((node) => (
              <NodeRow key={node.node} node={node} />
            ))}
          </tbody>
        </table>
      </div>
      {nodes.length > shown && (
        <footer class="node-more">
          <span class="muted">
            {number(shown)} of {number(nodes.length)}, what is not well or otherwise first
          </span>
          <Button onClick={() => setShown(shown + SHOWN_AT_ONCE)}>{SHOWN_AT_ONCE} more</Button>
        </footer>
      )}
    </section>
  );
}

function isWell({ state, differences }: NodeView): boolean {
  return state === "ready" && differences.length === 0;
}

function NodeRow({ node: known }: { readonly node: NodeView }) {
  const { node, host, version, startedAt, config, workers, sessions, isSelf, state } = known;
  const isGone = state === "gone";
  return (
    <tr class={isGone ? "is-gone" : undefined}>
      <td>
        <strong>{node}</strong> {isSelf && <Badge>this console</Badge>}
        {host !== "" && host !== node && <span class="node-host muted">{host}</span>}
      </td>
      <td>
        <StateBadge node={known} />
      </td>
      <td class="right number">{isGone ? "–" : compact(sessions)}</td>
      <td class="mono">
        <Odd isOdd={differs(known, "version")}>{version || "–"}</Odd>
      </td>
      <td class="muted">{startedAt === 0 ? "–" : <Ago time={startedAt} />}</td>
      <td class="mono">
        <Odd isOdd={differs(known, "config")}>{config.slice(0, SHOWN_DIGITS) || "–"}</Odd>
        <OddOptions node={known} />
      </td>
      <td class="right number">{isGone ? "–" : workers}</td>
    </tr>
  );
}

/** Of digests: enough to tell them apart. */
export const SHOWN_DIGITS = 8;

function StateBadge({ node: { state, seenMs } }: { readonly node: NodeView }) {
  switch (state) {
    case "ready":
      return <Badge tone="good">ready</Badge>;
    case "starting":
    case "draining":
    case "stopping":
      return <Badge tone="warn">{state}</Badge>;
    case "silent":
      return (
        <Badge tone="bad" title={`It was heard of ${idleSpan(seenMs)} ago, and did not answer now`}>
          does not answer
        </Badge>
      );
    case "unreadable":
      return (
        <Badge tone="bad" title="Its version and this one do not understand each other">
          other version
        </Badge>
      );
    case "gone":
      return <Badge title="It is not counted any more">gone for {idleSpan(seenMs)}</Badge>;
  }
}

function differs({ differences }: NodeView, what: "version" | "config"): boolean {
  return differences.some((difference) => difference.what === what);
}

/** Which of its options are otherwise, where the node tells them apart. */
function OddOptions({ node: { differences } }: { readonly node: NodeView }) {
  const names = differences.flatMap(({ what, name }) => (what === "config" && name !== "" ? [name] : []));
  if (names.length === 0) return null;
  return <span class="node-host muted">{names.join(", ")}</span>;
}

/** What is otherwise than elsewhere, also for who sees no colours. */
export function Odd({
  isOdd,
  children,
}: {
  readonly isOdd: boolean;
  readonly children: preact.ComponentChildren;
}) {
  if (!isOdd) return <>{children}</>;
  return (
    <span class="odd" title="Otherwise than on most machines">
      <span aria-hidden="true">≠ </span>
      {children}
    </span>
  );
}
