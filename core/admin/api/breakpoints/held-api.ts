import { createRoute, z } from "@hono/zod-openapi";
import type { HeldDecision } from "../../../breakpoints/breakpoint.ts";
import type { Unanswered } from "../../../fleet/questions/unanswered.ts";
import type { Logger } from "../../../log.ts";
import { REDACTED } from "../../../redaction/spans.ts";
import { AdminError } from "../../errors.ts";
import type { GatewayView } from "../../gateway-view.ts";
import { type Api, answers, doneSchema, jsonBody } from "../api.ts";
import { type AskedScope, scopeSchema, wordUnanswered } from "../fleet/scope.ts";
import { messageBodyShape, readMessageBody } from "../sessions/message-body.ts";
import { releaseAllSchema, releasedAllSchema, shownHeldSchema } from "./breakpoints-schema.ts";

const idParam = z.object({ id: z.string() });

/** Shows what is held at breakpoints whole, and lets it go. */
export function addHeldMessages(api: Api, view: Pick<GatewayView, "holds">, logger: Logger): void {
  api.openapi(
    createRoute({
      method: "get",
      path: "/held/{id}",
      summary: "One held message",
      request: { params: idParam, query: scopeSchema },
      responses: answers(shownHeldSchema, "All of it, but for what is hidden."),
    }),
    async (context) => {
      const { id } = context.req.valid("param");
      const { messages, unanswered } = await view.holds(context.req.valid("query").scope).read(id);
      const [message] = messages;
      if (message === undefined) throw notHeld(id, unanswered);
      return context.json(message, 200);
    },
  );

  api.openapi(
    createRoute({
      method: "post",
      path: "/held/{id}/release",
      summary: "Let a held message go",
      description: "As it is, or as the body says; then its record says that an operator has edited it.",
      request: { params: idParam, query: scopeSchema, body: jsonBody(z.strictObject(messageBodyShape)) },
      responses: answers(doneSchema, "It goes when what was held before it in its session has gone."),
    }),
    async (context) => {
      const { id } = context.req.valid("param");
      const payload = readMessageBody(context.req.valid("json"));
      const decision: HeldDecision =
        payload === undefined ? { type: "release" } : { type: "replace", payload };
      await decide(context.req.valid("query").scope, id, decision);
      return context.json({ done: true as const }, 200);
    },
  );

  api.openapi(
    createRoute({
      method: "post",
      path: "/held/{id}/drop",
      summary: "Drop a held message",
      request: { params: idParam, query: scopeSchema },
      responses: answers(doneSchema, "It does not leave."),
    }),
    async (context) => {
      await decide(context.req.valid("query").scope, context.req.valid("param").id, { type: "drop" });
      return context.json({ done: true as const }, 200);
    },
  );

  api.openapi(
    createRoute({
      method: "post",
      path: "/held/release",
      summary: "Let held messages go",
      description: "As they are: all, or those of a session or a breakpoint.",
      request: { query: scopeSchema, body: jsonBody(releaseAllSchema) },
      responses: answers(releasedAllSchema, "They go, in the order in which they came."),
    }),
    async (context) => {
      const { session, breakpoint } = context.req.valid("json");
      const selection = {
        ...(session !== undefined && { session }),
        ...(breakpoint !== undefined && { breakpoint }),
      };
      const { messages, unanswered } = await view
        .holds(context.req.valid("query").scope)
        .releaseAll(selection);
      logger.info({ ...selection, messages }, "held messages released by an operator");
      return context.json({ messages, unanswered: [...unanswered] }, 200);
    },
  );

  async function decide(scope: AskedScope, id: string, decision: HeldDecision): Promise<void> {
    const decided = await view.holds(scope).decide(id, decision);
    switch (decided.outcome) {
      case "gone":
        throw notHeld(id, decided.unanswered);
      case "too-large": {
        const message = "the edited message is longer than the route's maxMessageSize allows its sender";
        throw new AdminError("ERR_TOO_LARGE", message);
      }
      case "marks": {
        const message = `the text has another number of ${REDACTED} than the message hides values, or elsewhere: leave each where it stands, to have its value put back, or write values in place of all of them`;
        throw new AdminError("ERR_REQUEST", message);
      }
      case "done":
        logger.info({ message: id, ...decided.message }, WORDS[decision.type]);
    }
  }
}

const WORDS = {
  release: "held message released by an operator",
  replace: "held message edited by an operator",
  drop: "held message dropped by an operator",
} as const satisfies Record<HeldDecision["type"], string>;

function notHeld(id: string, unanswered: readonly Unanswered[]): AdminError {
  const message = `no message "${id}" is held; it may have gone by itself${wordUnanswered(unanswered)}`;
  return new AdminError("ERR_NOT_FOUND", message);
}
