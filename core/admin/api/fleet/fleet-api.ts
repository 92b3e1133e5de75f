import { createRoute } from "@hono/zod-openapi";
import type { NodeStatus } from "../../../fleet/status.ts";
import type { GatewayView } from "../../gateway-view.ts";
import { type Api, answers } from "../api.ts";
import { fleetSchema, type NodeView } from "./fleet-schema.ts";

/** Who is in the fleet, and what each runs. */
export function addFleet(api: Api, view: Pick<GatewayView, "fleet">): void {
  api.openapi(
    createRoute({
      method: "get",
      path: "/fleet",
      summary: "The machines of the fleet",
      description:
        "Which machine runs what since when, what is otherwise there than elsewhere, and who does not answer.",
      responses: answers(fleetSchema, "By name; none without a `cluster`."),
    }),
    async (context) => {
      const fleet = await view.fleet();
      const { node, nodes, isLost, problem } = fleet ?? NO_FLEET;
      return context.json({ node, nodes: nodes.map(showNode), isLost, problem }, 200);
    },
  );
}

function showNode({ node, report, condition, isSelf, seenMs, sessions, differences }: NodeStatus): NodeView {
  return {
    ...(report ?? NOT_READ),
    ...{ node, state: condition, isSelf, seenMs, sessions },
    differences: [...differences],
  };
}

const NO_FLEET = { node: "", nodes: [], isLost: false, problem: "" };

const NOT_READ = {
  host: "",
  version: "",
  startedAt: 0,
  workers: 0,
  config: "",
  options: [],
  policies: [],
  rollouts: [],
};
