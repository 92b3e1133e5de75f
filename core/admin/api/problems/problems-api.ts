import { createRoute } from "@hono/zod-openapi";
import type { TrafficStore } from "../../../traffic/store/store.ts";
import type { GatewayView } from "../../gateway-view.ts";
import { type Api, answers } from "../api.ts";
import { listPolicies, type PolicyListView } from "../policy-list.ts";
import type { PolicyFacts } from "../policy-view.ts";
import { listProblems } from "./list-problems.ts";
import { problemsSchema } from "./problem-schema.ts";

export interface ProblemParts {
  readonly view: PolicyListView &
    Pick<GatewayView, "config" | "jail" | "table" | "source" | "fleetProblem" | "sinks" | "certificates">;
  readonly traffic: Pick<TrafficStore, "stats">;
  readonly lastFaults: PolicyFacts["lastFaults"];
}

/** What every page of the console says, whichever it is. */
export function addProblems(api: Api, { view, traffic, lastFaults }: ProblemParts): void {
  api.openapi(
    createRoute({
      method: "get",
      path: "/problems",
      summary: "What somebody has to do something about",
      description:
        "Of policies, their source, routes, the fleet, what is recorded, sinks, certificates and the sandbox; of this node.",
      responses: answers(problemsSchema, "The worst first; none: all is well."),
    }),
    async (context) => {
      const { policies, problem } = await listPolicies(view, lastFaults);
      const problems = listProblems({
        policies,
        folder: problem,
        routes: view.table()?.problems ?? [],
        source: view.source?.view().problem,
        fleet: view.fleetProblem(),
        traffic: traffic.stats().problem,
        isReadElsewhere: view.config().traffic.readFrom !== undefined,
        sinks: view.sinks(),
        certificates: view.certificates(),
        sandbox: view.jail()?.shortfall ?? "",
        now: Date.now(),
      });
      return context.json({ problems: [...problems] }, 200);
    },
  );
}
