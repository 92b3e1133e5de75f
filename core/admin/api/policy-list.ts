import type { z } from "zod";
import type { PolicyState } from "../../../policies/reload/policy-state.ts";
import type { GatewayView } from "../gateway-view.ts";
import type { PolicyView, policiesSchema } from "./api-schema.ts";
import { describePolicy, type PolicyFacts } from "./policy-view.ts";

export type PolicyListView = Pick<GatewayView, "table" | "policies" | "quarantine" | "workers">;

/** A policy whose file is gone is of no concern, unless a route still names it. */
export async function listPolicies(
  view: PolicyListView,
  lastFaults: PolicyFacts["lastFaults"],
): Promise<z.infer<typeof policiesSchema>> {
  const { policies, problem } = view.policies();
  const described = await describePolicies(view, lastFaults, policies);
  return {
    policies: described.filter(({ state, routes }) => state !== "gone" || routes.length > 0),
    problem: problem?.message ?? "",
  };
}

export async function describePolicies(
  view: PolicyListView,
  lastFaults: PolicyFacts["lastFaults"],
  policies: readonly PolicyState[],
): Promise<PolicyView[]> {
  const facts = {
    routes: view.table()?.routes ?? [],
    groups: view.table()?.groups ?? [],
    stats: await view.workers.policyStats(),
    quarantine: view.quarantine(),
    lastFaults,
  };
  return policies.map((policy) => describePolicy(policy, facts));
}
