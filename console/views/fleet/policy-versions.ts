import type { NodeView } from "../../../core/admin/api/fleet/fleet-schema.ts";

/** A policy, and who has what of it. */
export interface PolicyRow {
  readonly name: string;
  /** What most have first. */
  readonly versions: readonly VersionShare[];
  readonly rollouts: readonly RolloutShare[];
  /** It is not the same everywhere. */
  readonly isOdd: boolean;
}

export interface VersionShare {
  /** Empty: none. */
  readonly version: string;
  /** When the first of these loaded it; 0: never. */
  readonly since: number;
  readonly nodes: readonly string[];
  readonly isOdd: boolean;
}

export interface RolloutShare {
  readonly version: string;
  readonly state: string;
  readonly share: number;
  readonly nodes: readonly string[];
}

/** By version and not by machine, for of those there may be thousands. What is not the same everywhere comes first. */
export function groupByVersion(nodes: readonly NodeView[]): readonly PolicyRow[] {
  const known = nodes.map((node) => ({
    node: node.node,
    rollouts: node.rollouts,
    policies: new Map(node.policies.map((policy) => [policy.name, policy])),
    odd: new Set(node.differences.flatMap(({ what, name }) => (what === "policy" ? [name] : []))),
  }));
  const names = new Set(known.flatMap(({ policies }) => [...policies.keys()]));
  const rollouts = Map.groupBy(
    known.flatMap(({ node, rollouts: ways }) => ways.map((way) => ({ ...way, node }))),
    ({ policy }) => policy,
  );
  const rows = [...names].map((name): PolicyRow => {
    const byVersion = Map.groupBy(known, ({ policies }) => policies.get(name)?.version ?? "");
    const versions = [...byVersion].map(([version, those]): VersionShare => {
      const since = those.map(({ policies }) => policies.get(name)?.since ?? 0).filter((time) => time > 0);
      return {
        version,
        since: since.length === 0 ? 0 : since.reduce((first, time) => Math.min(first, time)),
        nodes: those.map(({ node }) => node),
        isOdd: those.some(({ odd }) => odd.has(name)),
      };
    });
    versions.sort((a, b) => b.nodes.length - a.nodes.length);
    return {
      ...{ name, versions, rollouts: groupRollouts(rollouts.get(name) ?? []) },
      isOdd: versions.some(({ isOdd }) => isOdd),
    };
  });
  return rows.sort((a, b) => Number(b.isOdd) - Number(a.isOdd) || (a.name < b.name ? -1 : 1));
}

function groupRollouts(
  ways: readonly (Omit<RolloutShare, "nodes"> & { readonly node: string })[],
): readonly RolloutShare[] {
  const groups = Map.groupBy(ways, ({ version, state, share }) => JSON.stringify([version, state, share]));
  return [...groups.values()].flatMap((those) => {
    const [first] = those;
    return first === undefined ? [] : [{ ...first, nodes: those.map(({ node }) => node) }];
  });
}
