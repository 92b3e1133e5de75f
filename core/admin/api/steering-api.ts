import { createRoute, z } from "@hono/zod-openapi";
import type { Logger } from "../../log.ts";
import type { RedactionRules } from "../../redaction/rules.ts";
import { wordFilter } from "../../steering/filter-words.ts";
import { isEmptyFilter } from "../../steering/session-filter.ts";
import type { SteeringAct } from "../../steering/steering-order.ts";
import { AdminError } from "../errors.ts";
import type { GatewayView } from "../gateway-view.ts";
import { type Api, answers, jsonBody } from "./api.ts";
import { type AskedScope, scopeSchema, wordUnanswered } from "./fleet/scope.ts";
import { requireRouteOf } from "./known-routes.ts";
import { readPace } from "./pace-input.ts";
import { readSessionFilter } from "./sessions/session-filter-input.ts";
import type { SessionFilterInput } from "./sessions/session-filter-schema.ts";
import { checkStatus } from "./sessions/sessions-api.ts";
import {
  closeSessionsSchema,
  moveSessionsSchema,
  renewSessionsSchema,
  type SteeringStarted,
  steeringSchema,
  steeringStartedSchema,
  steeringStoppedSchema,
} from "./steering-schema.ts";

type SteeringView = Pick<GatewayView, "table" | "desk">;

/** What is done to many open sessions at once. */
export function addSteering(
  api: Api,
  view: SteeringView,
  rules: Pick<RedactionRules, "redactAttributes" | "redactText">,
  logger: Logger,
): void {
  api.openapi(
    createRoute({
      method: "post",
      path: "/sessions/close",
      summary: "Close many sessions",
      description:
        "Those that fit now: both sides get a Close frame with this code and reason, after what is on its way to them. With a rate it goes on by itself: `GET /steering` says how far it is.",
      request: { query: scopeSchema, body: jsonBody(closeSessionsSchema) },
      responses: answers(steeringStartedSchema, "How many fit, and what has begun."),
    }),
    async (context) => {
      const { code, reason, ...wish } = context.req.valid("json");
      checkStatus({ code, reason });
      const { scope } = context.req.valid("query");
      const act = { what: `close with ${code}`, close: { code, reason } };
      return context.json(await start(scope, wish, act), 200);
    },
  );

  api.openapi(
    createRoute({
      method: "post",
      path: "/sessions/move",
      summary: "Ask many clients to go elsewhere",
      description:
        "Those that fit now: each client gets the message, in a form that it understands, or both sides Close 1012 with the hint, or one after the other.",
      request: { query: scopeSchema, body: jsonBody(moveSessionsSchema) },
      responses: answers(steeringStartedSchema, "How many fit, and what has begun."),
    }),
    async (context) => {
      const { message, hint, ...wish } = context.req.valid("json");
      if (message === undefined && hint === undefined)
        throw new AdminError("ERR_REQUEST", "expected message or hint: what tells clients to go elsewhere");
      if (hint !== undefined) checkStatus({ code: 1012, reason: hint });
      const act = {
        what:
          hint === undefined
            ? "a message"
            : message === undefined
              ? "close with 1012"
              : "a message, then 1012",
        ...(message !== undefined && { message }),
        ...(hint !== undefined && { close: { code: 1012, reason: hint } }),
      };
      return context.json(await start(context.req.valid("query").scope, wish, act), 200);
    },
  );

  api.openapi(
    createRoute({
      method: "post",
      path: "/sessions/renew",
      summary: "Re-authenticate many sessions",
      description:
        "Those that fit now: the `renew` hooks of their policies are called, with the reason `request`. The job says what came of it.",
      request: { query: scopeSchema, body: jsonBody(renewSessionsSchema) },
      responses: answers(steeringStartedSchema, "How many fit, and what has begun."),
    }),
    async (context) => {
      const { scope } = context.req.valid("query");
      return context.json(await start(scope, context.req.valid("json"), { what: "renew", renew: true }), 200);
    },
  );

  api.openapi(
    createRoute({
      method: "get",
      path: "/steering",
      summary: "What is being done to sessions",
      request: { query: scopeSchema },
      responses: answers(steeringSchema, "What runs, and the last that is over."),
    }),
    async (context) => {
      const { jobs, unanswered } = await view.desk(context.req.valid("query").scope).jobs();
      return context.json({ jobs: [...jobs], unanswered: [...unanswered] }, 200);
    },
  );

  api.openapi(
    createRoute({
      method: "delete",
      path: "/steering/{id}",
      summary: "Leave the rest alone",
      request: { params: z.object({ id: z.string() }), query: scopeSchema },
      responses: answers(steeringStoppedSchema, "Nothing more is done."),
    }),
    async (context) => {
      const { id } = context.req.valid("param");
      const { done, unanswered } = await view.desk(context.req.valid("query").scope).stopJob(id);
      if (!done) {
        const message = `nothing with the id "${id}" is under way; \`framegate sessions progress\` and GET /steering say what is${wordUnanswered(unanswered)}`;
        throw new AdminError("ERR_NOT_FOUND", message);
      }
      logger.info({ steering: id }, "steering of sessions stopped by an operator");
      return context.json({ done: true as const }, 200);
    },
  );

  async function start(scope: AskedScope, wish: Wish, { what, ...act }: Act): Promise<SteeringStarted> {
    const desk = view.desk(scope);
    const filter = readSessionFilter(wish.filter, rules);
    const pace = readPace(wish);
    if (isEmptyFilter(filter) && wish.all !== true) {
      const message = "expected a filter that says which sessions, or all: true, got neither";
      throw new AdminError("ERR_REQUEST", message);
    }
    await requireRouteOf(view, desk, filter);
    const which = wordFilter(filter);
    if (wish.dryRun) {
      const { sessions, unanswered } = await desk.count(filter);
      return { sessions, which, job: null, unanswered: [...unanswered] };
    }
    const job = await desk.steer({
      ...{ what, filter, pace },
      act: { ...act, grounds: { cause: "admin", detail: "" } },
    });
    const { sessions } = job;
    logger.info({ steering: job.id, what, filter, pace, sessions }, "sessions steered by an operator");
    return { sessions, which, job, unanswered: job.unanswered.map((node) => ({ node, reason: "silent" })) };
  }
}

interface Wish {
  readonly filter: SessionFilterInput;
  readonly all?: true | undefined;
  readonly dryRun: boolean;
  readonly rate?: string | undefined;
  readonly over?: string | undefined;
  readonly jitter: number;
}

type Act = Pick<SteeringAct, "message" | "close" | "renew"> & { readonly what: string };
