import { createRoute, z } from "@hono/zod-openapi";
import type { Desk } from "../../../fleet/desk/desk.ts";
import type { Logger } from "../../../log.ts";
import { type Api, answers, jsonBody, nameParam } from "../api.ts";
import { scopeSchema } from "../fleet/scope.ts";
import { requireRoute } from "../known-routes.ts";
import { steeringStartedSchema } from "../steering-schema.ts";
import { createDrainOrders, type DrainingView } from "./drain-orders.ts";
import {
  drainGatewaySchema,
  drainRouteSchema,
  drainsSchema,
  drainUpstreamSchema,
  type UpstreamViews,
  upstreamViewsSchema,
} from "./drain-schema.ts";
import { knownUpstreams, requireServer } from "./known-upstreams.ts";

const started = answers(steeringStartedSchema, "How many sessions it has, and what has begun.");
const left = answers(drainsSchema, "It takes connections again; this is still drained.");
const ENDS = "It holds for all workers until it is ended, or the gateway starts anew.";

/** What is to get no new connections, and loses those that it has: routes, servers, all of the gateway. */
export function addDrains(api: Api, view: DrainingView, logger: Logger): void {
  const orders = createDrainOrders(view, logger);

  api.openapi(
    createRoute({
      method: "get",
      path: "/drains",
      summary: "What is drained",
      responses: answers(drainsSchema, "What gets no new connections, and what is about to."),
    }),
    (context) => context.json(orders.describe(), 200),
  );

  api.openapi(
    createRoute({
      method: "get",
      path: "/upstreams",
      summary: "Upstreams and their servers",
      request: { query: scopeSchema },
      responses: answers(upstreamViewsSchema, "By name, with how many sessions each server has."),
    }),
    async (context) =>
      context.json(await describeUpstreams(view.desk(context.req.valid("query").scope)), 200),
  );

  api.openapi(
    createRoute({
      method: "post",
      path: "/drain",
      summary: "Drain the gateway",
      description: `No route takes new connections (503) from then on, and all sessions are closed; it goes on running. ${ENDS}`,
      request: { body: jsonBody(drainGatewaySchema) },
      responses: started,
    }),
    async (context) => context.json(await orders.begin({ kind: "gateway" }, context.req.valid("json")), 200),
  );

  api.openapi(
    createRoute({ method: "delete", path: "/drain", summary: "End the gateway's drain", responses: left }),
    async (context) => context.json(await orders.end({ kind: "gateway" }), 200),
  );

  api.openapi(
    createRoute({
      method: "post",
      path: "/routes/{name}/drain",
      summary: "Drain a route",
      description: `It takes no new connections (503) from then on, and those that it has are closed. ${ENDS}`,
      request: { params: nameParam("route"), body: jsonBody(drainRouteSchema) },
      responses: started,
    }),
    async (context) => {
      const { name } = context.req.valid("param");
      requireRoute(view, name);
      return context.json(await orders.begin({ kind: "route", name }, context.req.valid("json")), 200);
    },
  );

  api.openapi(
    createRoute({
      method: "delete",
      path: "/routes/{name}/drain",
      summary: "End a route's drain",
      request: { params: nameParam("route") },
      responses: left,
    }),
    async (context) =>
      context.json(await orders.end({ kind: "route", name: context.req.valid("param").name }), 200),
  );

  api.openapi(
    createRoute({
      method: "post",
      path: "/upstreams/{name}/drain",
      summary: "Drain an upstream, or one of its servers",
      description: `It gets no new connections: other servers of the upstream have them, and where all are drained clients get 503. Those that it has are closed. ${ENDS}`,
      request: { params: nameParam("upstream"), body: jsonBody(drainUpstreamSchema) },
      responses: started,
    }),
    async (context) => {
      const { name } = context.req.valid("param");
      const { target, ...how } = context.req.valid("json");
      return context.json(await orders.begin(requireServer(view, name, target), how), 200);
    },
  );

  api.openapi(
    createRoute({
      method: "delete",
      path: "/upstreams/{name}/drain",
      summary: "End the drain of an upstream, or of one of its servers",
      request: {
        params: nameParam("upstream"),
        query: z.strictObject({ target: z.string().optional().describe("The URL of the server.") }),
      },
      responses: left,
    }),
    async (context) => {
      const { name } = context.req.valid("param");
      const { target } = context.req.valid("query");
      const place = { kind: "upstream", name, ...(target !== undefined && { target }) } as const;
      return context.json(await orders.end(place), 200);
    },
  );

  async function describeUpstreams(desk: Desk): Promise<UpstreamViews> {
    const missing = new Map<string, UpstreamViews["unanswered"][number]>();
    const count = async (name: string, target: string) => {
      const { sessions, unanswered } = await desk.count({ upstream: { name, target } });
      for (const each of unanswered) missing.set(each.node, each);
      return { url: target, sessions };
    };
    const upstreams = await Promise.all(
      [...knownUpstreams(view).values()].map(async ({ name, targets }) => {
        const servers = await Promise.all(targets.map(({ url }) => count(name, url)));
        return { name, servers, sessions: servers.reduce((sum, { sessions }) => sum + sessions, 0) };
      }),
    );
    return { upstreams, unanswered: [...missing.values()] };
  }
}
