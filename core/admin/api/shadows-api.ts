import { createRoute, z } from "@hono/zod-openapi";
import type { RedactionRules } from "../../redaction/rules.ts";
import { redactSample } from "../../shadow/sample-redaction.ts";
import type { GatewayView } from "../gateway-view.ts";
import { type Api, answers } from "./api.ts";
import { type ShadowView, shadowsSchema } from "./shadow-schema.ts";

export interface ShadowsParts {
  readonly view: Pick<GatewayView, "shadows" | "workers">;
  readonly rules: RedactionRules;
}

/** Versions that get copies of calls, and what they say otherwise. */
export function addShadowReports(api: Api, { view, rules }: ShadowsParts): void {
  api.openapi(
    createRoute({
      method: "get",
      path: "/shadows",
      summary: "Shadows",
      request: {
        query: z.strictObject({ policy: z.string().optional().describe("Absent: of all policies.") }),
      },
      responses: answers(shadowsSchema, "Versions that get copies of calls, and what they say otherwise."),
    }),
    async (context) => {
      const { policy } = context.req.valid("query");
      return context.json({ shadows: await describeAll(policy) }, 200);
    },
  );

  async function describeAll(policy: string | undefined): Promise<ShadowView[]> {
    const reports = new Map((await view.workers.shadows()).map((report) => [report.name, report]));
    const wanted = view.shadows().filter((shadow) => policy === undefined || shadow.policy === policy);
    return wanted.map(({ name, from, routes, problem, ...shadow }) => {
      const { version = "", hooks = [], samples = [] } = reports.get(name) ?? {};
      return {
        ...{ policy: shadow.policy, from, version, routes: [...routes], problem },
        hooks: hooks.map(({ kinds, ...counts }) => ({
          ...counts,
          kinds: kinds.map(([kind, count]) => ({ kind, count })),
        })),
        samples: samples.map((sample) => {
          const { changes, kinds, ...shown } = redactSample(sample, rules);
          return { ...shown, kinds: [...kinds], changes: [...changes] };
        }),
      };
    });
  }
}
