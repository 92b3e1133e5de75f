import type { KnownNode, NodeReport } from "./report.ts";

/**
 * What is otherwise at a node than at most of those that are there: `version`, an option of the `config` ("" where a node does
 * not tell them apart), or a policy.
 */
export type Difference =
  | { readonly what: "version"; readonly name: "" }
  | { readonly what: "config" | "policy"; readonly name: string };

/**
 * By node. Where no value has more than half of the nodes, all of them are named: nobody can tell which is right. Nodes that
 * are gone count for nothing.
 */
export function findDifferences(nodes: readonly KnownNode[]): ReadonlyMap<string, readonly Difference[]> {
  const reports = nodes.flatMap(({ isGone, report }) => (isGone || report === undefined ? [] : [report]));
  const found = new Map<string, Difference[]>();
  const compare: Compare = (difference, read) => {
    for (const node of oddOnes(reports, read)) found.set(node, [...(found.get(node) ?? []), difference]);
  };
  compare({ what: "version", name: "" }, ({ version }) => version);
  compareConfigs(reports, compare);
  const versions = new Map(
    reports.map(({ node, policies }) => [
      node,
      new Map(policies.map(({ name, version }) => [name, version])),
    ]),
  );
  const names = new Set(reports.flatMap(({ policies }) => policies.map(({ name }) => name)));
  for (const name of [...names].sort())
    compare({ what: "policy", name }, ({ node }) => versions.get(node)?.get(name) ?? "");
  return found;
}

type Compare = (difference: Difference, read: (report: NodeReport) => string) => void;

function compareConfigs(reports: readonly NodeReport[], compare: Compare): void {
  // One of an older version tells of its config as a whole only.
  if (reports.some(({ options }) => options.length === 0))
    return compare({ what: "config", name: "" }, ({ config }) => config);
  const digests = new Map(
    reports.map(({ node, options }) => [node, new Map(options.map(({ name, digest }) => [name, digest]))]),
  );
  const names = new Set(reports.flatMap(({ options }) => options.map(({ name }) => name)));
  for (const name of [...names].sort())
    compare({ what: "config", name }, ({ node }) => digests.get(node)?.get(name) ?? "");
}

function oddOnes(reports: readonly NodeReport[], read: (report: NodeReport) => string): string[] {
  const counts = new Map<string, number>();
  for (const report of reports) counts.set(read(report), (counts.get(read(report)) ?? 0) + 1);
  if (counts.size < 2) return [];
  return reports.flatMap((report) => {
    const isUsual = (counts.get(read(report)) ?? 0) * 2 > reports.length;
    return isUsual ? [] : [report.node];
  });
}
