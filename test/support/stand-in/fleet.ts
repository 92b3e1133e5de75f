import type { FleetView, NodeView } from "../../../core/admin/api/fleet/fleet-schema.ts";

/** Four machines: one behind with a policy, one that hangs, and one that has died. */
export function makeFleet(now: number): FleetView {
  const policies = (auth: string, since: number): NodeView["policies"] => [
    { name: "auth", version: auth, since },
    { name: "limits", version: "b81c44e02d17", since: now - 3_600_000 },
    { name: "@framegate/standard/jwt", version: "5a77e1d9c003", since: now - 86_400_000 },
  ];
  const node = (index: number, more: Partial<NodeView>): NodeView => ({
    ...{ node: `gate-${index}`, host: `eu-west-${index}.example.com`, version: "0.1.0" },
    ...{
      startedAt: now - 86_400_000 * index,
      workers: 4,
      state: "ready",
      config: "c0ffee123456",
      options: [],
    },
    ...{ policies: policies("3f9a2b7c1d04", now - 240_000), rollouts: [], isSelf: false, seenMs: 400 },
    ...{ sessions: 8_000 + index * 731, differences: [] },
    ...more,
  });
  return {
    node: "gate-1",
    isLost: false,
    problem: "",
    nodes: [
      node(1, {
        isSelf: true,
        rollouts: [{ policy: "limits", version: "d41d8cd98f00", state: "running", share: 0.1 }],
      }),
      node(2, {
        policies: policies("77d0e1f2a3b4", now - 7_200_000),
        version: "0.0.9",
        differences: [
          { what: "version", name: "" },
          { what: "policy", name: "auth" },
        ],
      }),
      node(3, {
        config: "b0a710ad5eed",
        differences: [
          { what: "config", name: "routes" },
          { what: "config", name: "sandbox" },
        ],
      }),
      node(4, { state: "silent", seenMs: 3_100 }),
      node(5, { state: "gone", seenMs: 94_000, sessions: 0 }),
    ],
  };
}

/** All alike, but for the last: it has another version of one policy. */
export function makeManyNodes(count: number, now: number): FleetView {
  const { node, nodes, isLost, problem } = makeFleet(now);
  const [first] = nodes as [NodeView];
  const policies = Array.from({ length: 30 }, (_, index) => ({
    ...{ name: `policy-${index}`, version: "3f9a2b7c1d04", since: now - 60_000 },
  }));
  const many = Array.from({ length: count }, (_, index) => ({
    ...{ ...first, node: `gate-${index + 1}`, isSelf: index === 0, rollouts: [], policies },
  }));
  const [newest, ...others] = policies as [(typeof policies)[0], ...typeof policies];
  many[count - 1] = {
    ...(many[count - 1] as NodeView),
    ...{ rollouts: [], policies: [{ ...newest, version: "77d0e1f2a3b4" }, ...others] },
    differences: [{ what: "policy", name: newest.name }],
  };
  return { node, isLost, problem, nodes: many };
}
