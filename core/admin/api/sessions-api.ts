import { createRoute, z } from "@hono/zod-openapi";
import type { LiveSession } from "../../engine/live-session.ts";
import { readPlace, type SessionPlace, wordPlace } from "../../engine/session-place.ts";
import type { Logger } from "../../log.ts";
import type { RedactionRules } from "../../redaction/rules.ts";
import { AdminError } from "../errors.ts";
import type { GatewayView } from "../gateway-view.ts";
import { type Api, answers, doneSchema, jsonBody } from "./api.ts";
import { closeRequestSchema, type SessionView, sessionSchema, sessionsPageSchema } from "./api-schema.ts";
import { requireRouteOf } from "./known-routes.ts";
import { readSessionFilter } from "./session-filter-input.ts";
import { sessionFilterSchema } from "./session-filter-schema.ts";
import { sessionCountSchema } from "./steering-schema.ts";

const querySchema = sessionFilterSchema.extend({
  limit: z.coerce.number().int().min(1).max(1000).default(200),
  before: z.string().optional().describe("Those behind this place: `next` of the page before."),
});

const idParam = z.object({ id: z.string() });

export function addSessions(
  api: Api,
  view: Pick<GatewayView, "table" | "workers">,
  rules: ShownBy,
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
      const { limit, before: place, ...input } = context.req.valid("query");
      const filter = readSessionFilter(input, rules);
      const before = readBefore(place);
      await requireRouteOf(view, filter);
      const { sessions, total, left } = await view.workers.sessions({ filter, limit, before });
      const page = sessions.slice(0, limit);
      const last = page.at(-1);
      return context.json(
        {
          sessions: page.map((session) => shown(session, rules)),
          total,
          next: last === undefined || left === page.length ? null : wordPlace(last),
        },
        200,
      );
    },
  );

  api.openapi(
    createRoute({
      method: "get",
      path: "/sessions/count",
      summary: "How many sessions are open",
      request: { query: sessionFilterSchema },
      responses: answers(sessionCountSchema, "Those that fit."),
    }),
    async (context) => {
      const filter = readSessionFilter(context.req.valid("query"), rules);
      await requireRouteOf(view, filter);
      return context.json({ sessions: await view.workers.countSessions(filter) }, 200);
    },
  );

  api.openapi(
    createRoute({
      method: "get",
      path: "/sessions/{id}",
      summary: "One open session",
      request: { params: idParam },
      responses: answers(sessionSchema, "The session as it is now."),
    }),
    async (context) => {
      const { id } = context.req.valid("param");
      const { sessions } = await view.workers.sessions({ filter: { id }, limit: 1 });
      const [session] = sessions;
      if (session === undefined) throw unknownSession(id);
      return context.json(shown(session, rules), 200);
    },
  );

  api.openapi(
    createRoute({
      method: "post",
      path: "/sessions/{id}/close",
      summary: "Close a session",
      description:
        "Both sides get a Close frame with this code and reason, after what is on its way to them.",
      request: { params: idParam, body: jsonBody(closeRequestSchema) },
      responses: answers(doneSchema, "The Close frames are on their way."),
    }),
    async (context) => {
      const { id } = context.req.valid("param");
      const status = context.req.valid("json");
      checkStatus(status);
      if (!(await view.workers.closeSession(id, status))) throw unknownSession(id);
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

type ShownBy = Pick<RedactionRules, "redactAttributes" | "redactHeader" | "redactText" | "redactUrl">;

function shown(session: LiveSession, rules: ShownBy): SessionView {
  const { path, server, subprotocol, attributes } = session;
  return {
    ...session,
    path: rules.redactUrl(path),
    server: rules.redactUrl(server),
    // As in the records: browsers have no other place for a token.
    subprotocol:
      subprotocol === "" ? "" : rules.redactHeader("sec-websocket-protocol", subprotocol, subprotocol),
    attributes: rules.redactAttributes(attributes),
  };
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

export function unknownSession(id: string): AdminError {
  return new AdminError(
    "ERR_NOT_FOUND",
    `no session "${id}" is open; it may have ended: look for its records in the traffic`,
  );
}
