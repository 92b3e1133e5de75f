import { createRoute, z } from "@hono/zod-openapi";
import type { UpstreamConfig } from "../../config/index.ts";
import type { DrainedServer } from "../../engine/engine-plan.ts";
import type { Logger } from "../../log.ts";
import type { SessionFilter } from "../../steering/session-filter.ts";
import { AdminError } from "../errors.ts";
import type { GatewayView } from "../gateway-view.ts";
import { type Api, answers, jsonBody, nameParam } from "./api.ts";
import { type PaceInput, readPace } from "./pace-input.ts";
import { checkStatus } from "./sessions-api.ts";
import { describeJob } from "./steering-api.ts";
import {
  drainRouteSchema,
  drainsSchema,
  drainUpstreamSchema,
  type SteeringStarted,
  steeringStartedSchema,
} from "./steering-schema.ts";

type DrainsView = Pick<
  GatewayView,
  "config" | "table" | "workers" | "steering" | "drained" | "drainRoute" | "drainServer"
>;

/** Routes and servers that are to get no new connections, and lose those that they have. */
export function addDrains(api: Api, view: DrainsView, logger: Logger): void {
  api.openapi(
    createRoute({
      method: "get",
      path: "/drains",
      summary: "What is drained",
      responses: answers(drainsSchema, "Routes and servers that get no new connections."),
    }),
    (context) => context.json(describeDrains(), 200),
  );

  api.openapi(
    createRoute({
      method: "post",
      path: "/routes/{name}/drain",
      summary: "Drain a route",
      description:
        "It takes no new connections (503) from now on, and those that it has are closed. It holds for all workers until it is ended, or the gateway starts anew.",
      request: { params: nameParam("route"), body: jsonBody(drainRouteSchema) },
      responses: answers(steeringStartedSchema, "How many sessions it has, and what has begun."),
    }),
    async (context) => {
      const { name } = context.req.valid("param");
      requireRoute(name);
      return context.json(
        await drain(context.req.valid("json"), {
          what: `drain route ${name}`,
          filter: { route: name },
          begin: () => view.drainRoute(name, true),
        }),
        200,
      );
    },
  );

  api.openapi(
    createRoute({
      method: "delete",
      path: "/routes/{name}/drain",
      summary: "End a route's drain",
      request: { params: nameParam("route") },
      responses: answers(drainsSchema, "It takes connections again; this is still drained."),
    }),
    async (context) => {
      const { name } = context.req.valid("param");
      if (!view.drained().routes.includes(name)) throw notDrained(`the route "${name}"`);
      await view.drainRoute(name, false);
      stopJobs(`drain route ${name}`);
      return context.json(describeDrains(), 200);
    },
  );

  api.openapi(
    createRoute({
      method: "post",
      path: "/upstreams/{name}/drain",
      summary: "Drain an upstream, or one of its servers",
      description:
        "It gets no new connections: other servers of the upstream have them, and where all are drained clients get 503. Those that it has are closed. It holds for all workers until it is ended, or the gateway starts anew.",
      request: { params: nameParam("upstream"), body: jsonBody(drainUpstreamSchema) },
      responses: answers(steeringStartedSchema, "How many sessions it has, and what has begun."),
    }),
    async (context) => {
      const { name } = context.req.valid("param");
      const { target, ...how } = context.req.valid("json");
      const server = requireServer(name, target);
      return context.json(
        await drain(how, {
          what: wordsOf(server),
          filter: { upstream: { name, ...(target !== undefined && { target }) } },
          begin: () => view.drainServer(server, true),
        }),
        200,
      );
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
      responses: answers(drainsSchema, "It gets connections again; this is still drained."),
    }),
    async (context) => {
      const { name } = context.req.valid("param");
      const { target } = context.req.valid("query");
      const server: DrainedServer = { upstream: name, ...(target !== undefined && { target }) };
      const isDrained = view
        .drained()
        .servers.some((each) => each.upstream === name && each.target === target);
      if (!isDrained) throw notDrained(wordsOf(server).replace(/^drain /, ""));
      await view.drainServer(server, false);
      stopJobs(wordsOf(server));
      return context.json(describeDrains(), 200);
    },
  );

  async function drain(how: How, { what, filter, begin }: Drain): Promise<SteeringStarted> {
    const { code, reason } = how;
    checkStatus({ code, reason });
    const pace = readPace(how);
    if (how.dryRun) return { sessions: await view.workers.countSessions(filter), job: null };
    // Those that come while it is told are closed as they begin.
    await begin();
    const act = { close: { code, reason }, grounds: { cause: "drain", detail: what } } as const;
    const job = await view.steering.start({ what, filter, pace, act });
    logger.info({ steering: job.id, what, pace, sessions: job.sessions }, "drain begun by an operator");
    return { sessions: job.sessions, job: describeJob(job) };
  }

  function stopJobs(what: string): void {
    logger.info({ what }, "drain ended by an operator");
    for (const job of view.steering.list()) if (job.what === what) view.steering.stop(job.id);
  }

  function describeDrains() {
    const { routes, servers } = view.drained();
    return {
      routes: [...routes],
      servers: servers.map(({ upstream, target = "" }) => ({ upstream, target })),
    };
  }

  function requireRoute(name: string): void {
    const known = (view.table()?.routes ?? []).map(({ config }) => config.name);
    if (known.includes(name)) return;
    throw new AdminError("ERR_NOT_FOUND", `no route "${name}"; there are: ${known.join(", ") || "none"}`);
  }

  function requireServer(name: string, target: string | undefined): DrainedServer {
    const upstreams = knownUpstreams();
    const targets = upstreams.get(name)?.targets.map(({ url }) => url);
    if (targets === undefined) {
      const known = [...upstreams.keys()].join(", ") || "none";
      throw new AdminError("ERR_NOT_FOUND", `no upstream "${name}"; there are: ${known}`);
    }
    if (target === undefined) return { upstream: name };
    if (targets.includes(target)) return { upstream: name, target };
    const message = `the upstream "${name}" has no server "${target}"; it has: ${targets.join(", ")}`;
    throw new AdminError("ERR_NOT_FOUND", message);
  }

  function knownUpstreams(): ReadonlyMap<string, UpstreamConfig> {
    const ofRoutes = (view.table()?.routes ?? []).flatMap(({ config: { upstream } }) =>
      typeof upstream === "string" ? [] : [upstream],
    );
    return new Map([...ofRoutes, ...view.config().upstreams].map((upstream) => [upstream.name, upstream]));
  }
}

interface How extends PaceInput {
  readonly code: number;
  readonly reason: string;
  readonly dryRun: boolean;
}

interface Drain {
  readonly what: string;
  readonly filter: SessionFilter;
  /** Settles when it gets no new connections. */
  begin(): Promise<void>;
}

function wordsOf({ upstream, target }: DrainedServer): string {
  return `drain upstream ${upstream}${target === undefined ? "" : ` at ${target}`}`;
}

function notDrained(what: string): AdminError {
  return new AdminError("ERR_CONFLICT", `${what} is not drained; GET /drains says what is`);
}
