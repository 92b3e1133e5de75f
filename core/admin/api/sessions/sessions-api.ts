import { createRoute, z } from "@hono/zod-openapi";
import { readPlace, type SessionPlace } from "../../../engine/session-place.ts";
import type { Unanswered } from "../../../fleet/questions/unanswered.ts";
import type { Logger } from "../../../log.ts";
import type { RedactionRules } from "../../../redaction/rules.ts";
import { AdminError } from "../../errors.ts";
import type { GatewayView } from "../../gateway-view.ts";
import { type Api, answers, doneSchema, jsonBody } from "../api.ts";
import { closeRequestSchema, sessionSchema, sessionsPageSchema } from "../api-schema.ts";
import { scopeSchema, scopeShape, wordUnanswered } from "../fleet/scope.ts";
import { requireRouteOf } from "../known-routes.ts";
import { sessionCountSchema } from "../steering-schema.ts";
import { readSessionFilter } from "./session-filter-input.ts";
import { sessionFilterSchema } from "./session-filter-schema.ts";

const querySchema = sessionFilterSchema.extend({
  ...scopeShape,
  limit: z.coerce.number().int().min(1).max(1000).default(200),
  before: z.string().optional().describe("Those behind this place: `next` of the page before."),
});

const idParam = z.object({ id: z.string() });

export function addSessions(
  api: Api,
  view: Pick<GatewayView, "table" | "desk">,
  rules: Pick<RedactionRules, "redactAttributes" | "redactText">,
  logger: Logger,
): void {
  api.openapi(
    createRoute({
      method: "get",
      path: "/sessions",
      summary: "Open sessions",
      request: { query: querySchema },
      responses: answers(sessionsPageSchema, "Those that fit, newest first."),
    }),
    async (context) => {
      const { scope, limit, before: place, ...input } = context.req.valid("query");
      const desk = view.desk(scope);
      const filter = readSessionFilter(input, rules);
      const before = readBefore(place);
      await requireRouteOf(view, desk, filter);
      const page = await desk.list({ filter, limit, ...(before && { before }) });
      return context.json({ ...page, sessions: [...page.sessions], unanswered: [...page.unanswered] }, 200);
    },
  );

  api.openapi(
    createRoute({
      method: "get",
      path: "/sessions/count",
      summary: "How many sessions are open",
      request: { query: sessionFilterSchema.extend(scopeShape) },
      responses: answers(sessionCountSchema, "Those that fit."),
    }),
    async (context) => {
      const { scope, ...input } = context.req.valid("query");
      const desk = view.desk(scope);
      const filter = readSessionFilter(input, rules);
      await requireRouteOf(view, desk, filter);
      const { sessions, unanswered } = await desk.count(filter);
      return context.json({ sessions, unanswered: [...unanswered] }, 200);
    },
  );

  api.openapi(
    createRoute({
      method: "get",
      path: "/sessions/{id}",
      summary: "One open session",
      request: { params: idParam, query: scopeSchema },
      responses: answers(sessionSchema, "The session as it is now."),
    }),
    async (context) => {
      const { id } = context.req.valid("param");
      const desk = view.desk(context.req.valid("query").scope);
      const { sessions, unanswered } = await desk.list({ filter: { id }, limit: 1 });
      const [session] = sessions;
      if (session === undefined) throw unknownSession(id, unanswered);
      return context.json(session, 200);
    },
  );

  api.openapi(
    createRoute({
      method: "post",
      path: "/sessions/{id}/close",
      summary: "Close a session",
      description:
        "Both sides get a Close frame with this code and reason, after what is on its way to them.",
      request: { params: idParam, query: scopeSchema, body: jsonBody(closeRequestSchema) },
      responses: answers(doneSchema, "The Close frames are on their way."),
    }),
    async (context) => {
      const { id } = context.req.valid("param");
      const status = context.req.valid("json");
      checkStatus(status);
      const { done, unanswered } = await view.desk(context.req.valid("query").scope).close(id, status);
      if (!done) throw unknownSession(id, unanswered);
      logger.info({ session: id, code: status.code }, "session closed by an operator");
      return context.json({ done: true as const }, 200);
    },
  );
}

function readBefore(text: string | undefined): SessionPlace | undefined {
  const place = text === undefined ? undefined : readPlace(text);
  if (text === undefined || place !== undefined) return place;
  throw new AdminError("ERR_REQUEST", `expected before to be \`next\` of another page, got "${text}"`);
}

/** Codes that may be on the wire, RFC 6455 section 7.4, and that are the closing side's to use. */
const CLOSE_CODES: readonly number[] = [
  1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014,
];

export function checkStatus({ code, reason }: { readonly code: number; readonly reason: string }): void {
  if (!CLOSE_CODES.includes(code) && !(code >= 3000 && code <= 4999)) {
    throw new AdminError("ERR_REQUEST", `expected code to be 1000 to 1014 or 3000 to 4999, got ${code}`);
  }
  const length = Buffer.byteLength(reason);
  if (length > 123) {
    throw new AdminError("ERR_REQUEST", `expected reason to be at most 123 bytes of UTF-8, got ${length}`);
  }
}

export function unknownSession(id: string, unanswered: readonly Unanswered[]): AdminError {
  return new AdminError(
    "ERR_NOT_FOUND",
    `no session "${id}" is open; it may have ended: look for its records in the traffic${wordUnanswered(unanswered)}`,
  );
}
