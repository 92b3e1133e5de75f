import { createRoute, z } from "@hono/zod-openapi";
import { MOST_BREAKPOINTS, MOST_HELD } from "../../../breakpoints/breakpoint.ts";
import { makeBreakpoint, orderBreakpoint } from "../../../breakpoints/breakpoint-book.ts";
import { parseDuration } from "../../../config/index.ts";
import { breakpointSchema } from "../../../fleet/questions/hold-schemas.ts";
import type { Logger } from "../../../log.ts";
import { findFilterProblem } from "../../../traffic/filter/parse-filter.ts";
import { AdminError } from "../../errors.ts";
import type { GatewayView } from "../../gateway-view.ts";
import { type Api, answers, doneSchema, jsonBody } from "../api.ts";
import { scopeSchema, wordUnanswered } from "../fleet/scope.ts";
import { requireRoute } from "../known-routes.ts";
import { breakpointsSchema, breakpointWishSchema } from "./breakpoints-schema.ts";

const idParam = z.object({ id: z.string() });

/** Sets, shows and removes breakpoints. */
export function addBreakpoints(api: Api, view: Pick<GatewayView, "holds" | "table">, logger: Logger): void {
  api.openapi(
    createRoute({
      method: "get",
      path: "/breakpoints",
      summary: "Breakpoints, and what is held there",
      request: { query: scopeSchema },
      responses: answers(breakpointsSchema, "Those that are set, and the messages that are held."),
    }),
    async (context) => {
      const holds = await view.holds(context.req.valid("query").scope).read();
      const { messages, breakpoints, unanswered, passed, unreadable } = holds;
      const held = [...messages];
      const shown = { breakpoints: [...breakpoints], held, passed, unreadable };
      return context.json({ ...shown, mostHeld: MOST_HELD, unanswered: [...unanswered] }, 200);
    },
  );

  api.openapi(
    createRoute({
      method: "post",
      path: "/breakpoints",
      summary: "Hold messages before they leave",
      description:
        "Messages that match are held when the policies have read them, until an operator lets them go, or their time is over.",
      request: { query: scopeSchema, body: jsonBody(breakpointWishSchema) },
      responses: answers(breakpointSchema, "All workers have it."),
    }),
    async (context) => {
      const { hold, for: lasts, from, filter, session, route } = context.req.valid("json");
      if (route !== undefined) requireRoute(view, route);
      const order = orderBreakpoint({
        filter: readFilter(filter),
        ...(session !== undefined && { session }),
        ...(route !== undefined && { route }),
        ...(from !== undefined && { origin: from }),
        holdMs: readSpan("hold", hold, "10m"),
        forMs: readSpan("for", lasts, "24h"),
      });
      const breakpoint = makeBreakpoint(order);
      const { done } = await view.holds(context.req.valid("query").scope).set(order);
      if (!done) {
        const message = `expected at most ${MOST_BREAKPOINTS} breakpoints: remove one that is not needed`;
        throw new AdminError("ERR_CONFLICT", message);
      }
      logger.info({ breakpoint }, "breakpoint set by an operator");
      return context.json(breakpoint, 200);
    },
  );

  api.openapi(
    createRoute({
      method: "delete",
      path: "/breakpoints/{id}",
      summary: "Remove a breakpoint",
      description: "What is held there goes on as it is.",
      request: { params: idParam, query: scopeSchema },
      responses: answers(doneSchema, "It is removed."),
    }),
    async (context) => {
      const { id } = context.req.valid("param");
      const { done, unanswered } = await view.holds(context.req.valid("query").scope).remove(id);
      if (!done)
        throw new AdminError("ERR_NOT_FOUND", `no breakpoint "${id}" is set${wordUnanswered(unanswered)}`);
      logger.info({ breakpoint: id }, "breakpoint removed by an operator");
      return context.json({ done: true as const }, 200);
    },
  );
}

/** @throws AdminError */
function readFilter(filter: string): string {
  const problem = findFilterProblem(filter);
  if (problem === undefined) return filter;
  throw new AdminError("ERR_REQUEST", `the filter cannot be read: ${problem}`);
}

/** @throws AdminError */
function readSpan(name: string, text: string, most: string): number {
  const ms = parseDuration(text);
  if (ms !== undefined && ms >= 1_000 && ms <= (parseDuration(most) ?? 0)) return ms;
  throw new AdminError(
    "ERR_REQUEST",
    `expected ${name} to be a duration from "1s" to "${most}", got "${text}"`,
  );
}
