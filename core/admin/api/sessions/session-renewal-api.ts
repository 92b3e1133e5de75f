import { createRoute, z } from "@hono/zod-openapi";
import type { Logger } from "../../../log.ts";
import type { GatewayView } from "../../gateway-view.ts";
import { type Api, answers } from "../api.ts";
import { scopeSchema } from "../fleet/scope.ts";
import { renewalSchema } from "./session-renewal-schema.ts";
import { unknownSession } from "./sessions-api.ts";

/** Asks the policies of an open session whether it goes on as it is. */
export function addSessionRenewal(api: Api, view: Pick<GatewayView, "desk">, logger: Logger): void {
  api.openapi(
    createRoute({
      method: "post",
      path: "/sessions/{id}/renew",
      summary: "Re-authenticate a session",
      description:
        "The `renew` hooks of its policies are called, with the reason `request`; answers when they have settled.",
      request: { params: z.object({ id: z.string() }), query: scopeSchema },
      responses: answers(renewalSchema, "What came of it."),
    }),
    async (context) => {
      const { id } = context.req.valid("param");
      const { outcome, unanswered } = await view.desk(context.req.valid("query").scope).renew(id);
      if (outcome === null) throw unknownSession(id, unanswered);
      logger.info({ session: id, outcome }, "session renewed by an operator");
      return context.json({ outcome }, 200);
    },
  );
}
