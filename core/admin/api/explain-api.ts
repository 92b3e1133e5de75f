import { createRoute, z } from "@hono/zod-openapi";
import { showPath } from "../../../policies/shown-path.ts";
import type { HookName } from "../../../sandbox/contract/hooks.ts";
import { explainMessage } from "../../explain/explain-message.ts";
import { beginOf, explainSession, findMessage, parseMessageName } from "../../explain/explain-session.ts";
import { messageExplanationSchema, sessionExplanationSchema } from "../../explain/explanation.ts";
import { MOST_EXPLAINED_RECORDS, readSession } from "../../explain/read-session.ts";
import type { RedactionRules } from "../../redaction/rules.ts";
import { createHookFinder } from "../../replay/hook-place.ts";
import type { TrafficStore } from "../../traffic/store/store.ts";
import { AdminError } from "../errors.ts";
import type { GatewayView } from "../gateway-view.ts";
import { type Api, answers } from "./api.ts";

export interface ExplainParts {
  readonly view: Pick<GatewayView, "table" | "policies">;
  readonly traffic: Pick<TrafficStore, "query">;
  readonly rules: Pick<RedactionRules, "redactHeader">;
}

/** Why things went as they did in a session that was recorded. */
export function addExplain(api: Api, { view, traffic, rules }: ExplainParts): void {
  // For each step of each message: the one process that looks after all others may not be held up by it.
  const findHook = createHookFinder();

  api.openapi(
    createRoute({
      method: "get",
      path: "/sessions/{id}/explain",
      summary: "What happened in a session, and why",
      description:
        "Open or ended, as far as it was recorded: its request, why it came to its route, what policies did with it and with each message, and how it ended.",
      request: {
        params: z.object({ id: z.string() }),
        query: z.strictObject({
          limit: z.coerce
            .number()
            .int()
            .min(1)
            .max(MOST_EXPLAINED_RECORDS)
            .default(1000)
            .describe("Records that are looked at, the newest."),
        }),
      },
      responses: answers(sessionExplanationSchema, "What is known of it."),
    }),
    async (context) => {
      const kept = await read(context.req.valid("param").id, context.req.valid("query").limit);
      const routes = view.table()?.routes.map(({ config }) => config) ?? [];
      return context.json(explainSession(kept, { routes, rules, findLine }), 200);
    },
  );

  api.openapi(
    createRoute({
      method: "get",
      path: "/sessions/{id}/explain/{message}",
      summary: "What happened to a message, and why",
      request: {
        params: z.object({
          id: z.string(),
          message: z.string().describe("By who sent it and its number, from 1: `client:3`."),
        }),
      },
      responses: answers(messageExplanationSchema, "What each policy got, did and made of it."),
    }),
    async (context) => {
      const { id, message } = context.req.valid("param");
      const name = parseMessageName(message);
      if (name === undefined)
        throw new AdminError(
          "ERR_REQUEST",
          `expected a message such as client:3 or server:1, counted from 1, got "${message}"`,
        );
      const { records } = await read(id, MOST_EXPLAINED_RECORDS);
      const frame = findMessage(records, name);
      if (frame !== undefined) return context.json(explainMessage(frame, beginOf(records), findLine), 200);
      throw new AdminError(
        "ERR_NOT_FOUND",
        `message ${message} of session "${id}" is not among what is kept; \`framegate explain ${id}\` lists those that are`,
      );
    },
  );

  async function read(id: string, most: number): ReturnType<typeof readSession> {
    const kept = await readSession(traffic, id, most);
    if (kept.records.some(({ kind }) => kind !== "request")) return kept;
    if (kept.records.length > 0)
      throw new AdminError(
        "ERR_NOT_FOUND",
        `"${id}" is a plain HTTP request and no session: what is recorded of it is in /traffic?session=${id}`,
      );
    throw new AdminError(
      "ERR_NOT_FOUND",
      `nothing is recorded of session "${id}": \`recording\` is off for its route, or it was too long ago (\`traffic\` says how much is kept)`,
    );
  }

  function findLine(policy: string, version: string, hook: HookName): string {
    const found = view.policies().policies.find(({ name }) => name === policy);
    const loaded = found?.versions.find(({ bundle }) => bundle.version === version);
    if (loaded === undefined) return "";
    const { file, line } = findHook(loaded.bundle, hook);
    return `${showPath(file)}:${line}`;
  }
}
