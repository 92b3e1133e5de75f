import { createRoute, z } from "@hono/zod-openapi";
import type { Logger } from "../../../log.ts";
import type { SaidOutcome } from "../../../session/operator/operator-message.ts";
import { AdminError } from "../../errors.ts";
import type { GatewayView } from "../../gateway-view.ts";
import { type Api, answers, doneSchema, jsonBody } from "../api.ts";
import { scopeSchema } from "../fleet/scope.ts";
import { messageBodyShape, readMessageBody } from "./message-body.ts";
import { unknownSession } from "./sessions-api.ts";

const messageSchema = z.strictObject({
  to: z.enum(["client", "server"]).describe("Who gets it, as if the other side had sent it."),
  ...messageBodyShape,
  through: z
    .literal("policies")
    .optional()
    .describe("The policies of the session read it first. Absent: it leaves as it is."),
});

/** Lets an operator say something in an open session. */
export function addSessionMessages(api: Api, view: Pick<GatewayView, "desk">, logger: Logger): void {
  api.openapi(
    createRoute({
      method: "post",
      path: "/sessions/{id}/messages",
      summary: "Say something in a session",
      description:
        "A whole message, behind what is on its way to its receiver and never between the fragments of another. Its record says `by: operator`.",
      request: { params: z.object({ id: z.string() }), query: scopeSchema, body: jsonBody(messageSchema) },
      responses: answers(doneSchema, "It is on its way."),
    }),
    async (context) => {
      const { id } = context.req.valid("param");
      const { to, through, ...body } = context.req.valid("json");
      const payload = readMessageBody(body);
      if (payload === undefined)
        throw new AdminError("ERR_REQUEST", "expected one of text, base64 and hex: what is to be sent");
      const isForPolicies = through !== undefined;
      const desk = view.desk(context.req.valid("query").scope);
      const { outcome, unanswered } = await desk.say(id, { to, payload, isForPolicies });
      if (outcome === null) throw unknownSession(id, unanswered);
      if (outcome !== "sent") throw refusalOf(outcome);
      const { binary, bytes } = payload;
      logger.info(
        { session: id, to, binary, bytes: bytes.length, isForPolicies },
        "message sent by an operator",
      );
      return context.json({ done: true as const }, 200);
    },
  );
}

function refusalOf(outcome: Exclude<SaidOutcome, "sent">): AdminError {
  switch (outcome) {
    case "ended":
      return new AdminError("ERR_CONFLICT", "the session is ending: nothing more is sent there");
    case "no-server":
      return new AdminError("ERR_CONFLICT", "the session has no server yet: it waits for one");
    case "busy":
      return new AdminError("ERR_CONFLICT", "more waits for that side than it takes: try again in a moment");
    case "too-large":
      return new AdminError(
        "ERR_TOO_LARGE",
        "the message is longer than the route's maxMessageSize allows the side in whose name it is sent",
      );
  }
}
