import { createRoute } from "@hono/zod-openapi";
import { hideCredentials } from "../../../policies/shown-url.ts";
import { routeKeys } from "../../config/index.ts";
import type { Logger } from "../../log.ts";
import type { RedactionRules } from "../../redaction/rules.ts";
import type { RoutePlan } from "../../routes/route-runtime.ts";
import { isRecorded } from "../../traffic/recording-choice.ts";
import type { GatewayView } from "../gateway-view.ts";
import { type Api, answers, jsonBody, nameParam } from "./api.ts";
import { type RouteView, routeChangeSchema, routesSchema, routeViewSchema } from "./api-schema.ts";
import { requireRoute, unknownRoute } from "./known-routes.ts";

type RoutesView = Pick<
  GatewayView,
  "config" | "table" | "policies" | "switchRoute" | "workers" | "recordings"
>;

export function addRoutes(
  api: Api,
  view: RoutesView,
  rules: Pick<RedactionRules, "redactUrl">,
  logger: Logger,
): void {
  api.openapi(
    createRoute({
      method: "get",
      path: "/routes",
      summary: "Routes",
      responses: answers(
        routesSchema,
        "All routes, in the order of the config, then those that policies bring.",
      ),
    }),
    async (context) => context.json({ routes: await listRoutes() }, 200),
  );

  api.openapi(
    createRoute({
      method: "patch",
      path: "/routes/{name}",
      summary: "Switch a route on or off",
      description:
        "Off, it takes no new connections, and its open sessions get Close 1001. The switch holds for all workers, also after a reload of policies, until the config or the policy that brings the route changes its `enabled`, or the gateway starts anew.",
      request: { params: nameParam("route"), body: jsonBody(routeChangeSchema) },
      responses: answers(routeViewSchema, "The route as it is now, in all workers."),
    }),
    async (context) => {
      const { name } = context.req.valid("param");
      const { enabled } = context.req.valid("json");
      requireRoute(view, name);
      await view.switchRoute(name, enabled);
      logger.info({ route: name, enabled }, "route switched by an operator");
      const route = (await listRoutes()).find((each) => each.name === name);
      if (route === undefined) throw unknownRoute(view, name);
      return context.json(route, 200);
    },
  );

  function plans(): readonly RoutePlan[] {
    return view.table()?.routes ?? [];
  }

  async function listRoutes(): Promise<RouteView[]> {
    const traffic = new Map((await view.workers.traffic()).map((each) => [each.route, each]));
    return plans().map((plan) => {
      const { sessions = 0, messages = NO_BYTES, bytes = NO_BYTES } = traffic.get(plan.config.name) ?? {};
      return { ...describeRoute(plan), sessions, messages, bytes };
    });
  }

  function describeRoute({ config, chain }: RoutePlan): Omit<RouteView, "sessions" | "messages" | "bytes"> {
    const { name, path, match, upstream, enabled } = config;
    const [key = ""] = routeKeys(path, match);
    const owner = view.table()?.owners.get(key);
    const bringer = view.policies().policies.find(({ file }) => file === owner);
    return {
      name,
      path,
      host: match.hosts.join(", "),
      upstream: rules.redactUrl(
        hideCredentials(typeof upstream === "string" ? upstream : upstream.name, "…"),
      ),
      policies: chain.map(({ policy }) => policy),
      isEnabled: enabled,
      source: bringer?.name ?? "config",
      isRecorded: isRecorded(config, view.config().listen, view.recordings.list()),
    };
  }
}

const NO_BYTES = { client: 0, server: 0 };
