import { createRoute, z } from "@hono/zod-openapi";
import type { PolicyState } from "../../../policies/reload/policy-state.ts";
import type { Logger } from "../../log.ts";
import { AdminError } from "../errors.ts";
import type { GatewayView } from "../gateway-view.ts";
import { type Api, answers, jsonBody, nameParam } from "./api.ts";
import {
  type PolicyView,
  policiesSchema,
  policySchema,
  policySourceSchema,
  rollbackSchema,
} from "./api-schema.ts";
import { describePolicies, listPolicies, type PolicyListView } from "./policy-list.ts";
import { type PolicyFacts, policySourceOf } from "./policy-view.ts";

export interface PoliciesParts {
  readonly view: PolicyListView & Pick<GatewayView, "reloadPolicies" | "rollBack">;
  readonly lastFaults: PolicyFacts["lastFaults"];
  readonly logger: Logger;
}

export function addPolicies(api: Api, { view, lastFaults, logger }: PoliciesParts): void {
  api.openapi(
    createRoute({
      method: "get",
      path: "/policies",
      summary: "Policies",
      responses: answers(policiesSchema, "All policies of the folder, by name."),
    }),
    async (context) => {
      return context.json(await listPolicies(view, lastFaults), 200);
    },
  );

  api.openapi(
    createRoute({
      method: "get",
      path: "/policies/{name}",
      summary: "One policy",
      request: { params: nameParam("policy") },
      responses: answers(policySchema, "The policy as it is now."),
    }),
    async (context) => context.json(await describeOne(context.req.valid("param").name), 200),
  );

  api.openapi(
    createRoute({
      method: "get",
      path: "/policies/{name}/source",
      summary: "What a version was made of",
      request: {
        params: nameParam("policy"),
        query: z.strictObject({ version: z.string().optional().describe("Absent: the version that runs.") }),
      },
      responses: answers(policySourceSchema, "The author's files; the policy's own first."),
    }),
    (context) => {
      const { name } = context.req.valid("param");
      const { version } = context.req.valid("query");
      const { current, versions } = find(name);
      const wanted =
        version === undefined ? current : versions.find(({ bundle }) => bundle.version === version);
      if (wanted !== undefined) return context.json(policySourceOf(wanted), 200);
      throw new AdminError(
        "ERR_NOT_FOUND",
        version === undefined
          ? `no version of "${name}" has ever loaded; its \`problem\` says why`
          : `version "${version}" of "${name}" is not kept; see its \`versions\``,
      );
    },
  );

  api.openapi(
    createRoute({
      method: "post",
      path: "/policies/reload",
      summary: "Read all policies again",
      description: "Also those that were rolled back: they run their newest version then.",
      responses: answers(policiesSchema, "The policies as they are after it, in all workers."),
    }),
    async (context) => {
      logger.info("policies reloaded by an operator");
      await view.reloadPolicies();
      return context.json(await listPolicies(view, lastFaults), 200);
    },
  );

  api.openapi(
    createRoute({
      method: "post",
      path: "/policies/{name}/reload",
      summary: "Read one policy again",
      request: { params: nameParam("policy") },
      responses: answers(policySchema, "The policy as it is after it, in all workers."),
    }),
    async (context) => {
      const { name } = context.req.valid("param");
      find(name);
      logger.info({ policy: name }, "policy reloaded by an operator");
      await view.reloadPolicies(name);
      return context.json(await describeOne(name), 200);
    },
  );

  api.openapi(
    createRoute({
      method: "post",
      path: "/policies/{name}/rollback",
      summary: "Go back to a version",
      description:
        "It runs in all workers, for open sessions too, until the file changes or an operator reloads the policy. The last 10 good versions since the gateway started are kept.",
      request: { params: nameParam("policy"), body: jsonBody(rollbackSchema) },
      responses: answers(policySchema, "The policy as it is after it, in all workers."),
    }),
    async (context) => {
      const { name } = context.req.valid("param");
      const { version } = context.req.valid("json");
      const { versions, deleted } = find(name);
      if (deleted) throw new AdminError("ERR_CONFLICT", `the file of "${name}" is gone; put it back first`);
      if (!(await view.rollBack(name, version))) {
        const known = versions.map(({ bundle }) => bundle.version).join(", ") || "none";
        const wanted = version === undefined ? "version before the one that runs" : `version "${version}"`;
        throw new AdminError("ERR_CONFLICT", `"${name}" has no ${wanted}; kept, newest first: ${known}`);
      }
      const policy = await describeOne(name);
      logger.info({ policy: name, version: policy.version }, "policy rolled back by an operator");
      return context.json(policy, 200);
    },
  );

  function find(name: string): PolicyState {
    const { policies } = view.policies();
    const found = policies.find((policy) => policy.name === name);
    if (found !== undefined) return found;
    const known = policies.map((policy) => policy.name).join(", ") || "none";
    throw new AdminError("ERR_NOT_FOUND", `no policy "${name}"; there are: ${known}`);
  }

  async function describeOne(name: string): Promise<PolicyView> {
    const [policy] = await describePolicies(view, lastFaults, [find(name)]);
    return policy!;
  }
}
