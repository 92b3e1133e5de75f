import { createRoute, z } from "@hono/zod-openapi";
import { exportRecording } from "../../../recording/export-recording.ts";
import { exportedRecordingSchema } from "../../../recording/exported-schema.ts";
import type { RedactionRules } from "../../../redaction/rules.ts";
import type { TrafficFilter } from "../../../traffic/records.ts";
import type { TrafficStore } from "../../../traffic/store/store.ts";
import type { Visitor } from "../../access/guard.ts";
import type { GatewayView } from "../../gateway-view.ts";
import { type Api, answers as answersOf } from "../api.ts";
import { requireRouteOf } from "../known-routes.ts";
import { filterQuerySchema, findSessions, MOST_FILE_RECORDS } from "../traffic/traffic-api.ts";

export interface RecordingParts {
  readonly traffic: TrafficStore;
  readonly view: {
    readonly table: GatewayView["table"];
    readonly desk: GatewayView["desk"];
    readonly workers: Pick<GatewayView["workers"], "capabilityAnswers">;
  };
  readonly rules: RedactionRules;
  /** Of Framegate. */
  readonly version: string;
}

export function addRecording(api: Api, { traffic, view, rules, version }: RecordingParts): void {
  const record = async (filter: TrafficFilter, { role }: Visitor) => {
    const sessions = await findSessions(traffic, filter, ({ kind }) => kind !== "request");
    // Of a route that is gone there may be records.
    if (sessions.length === 0) await requireRouteOf(view, view.desk("node"), filter);
    return exportRecording(traffic, {
      sessions,
      maxRecords: MOST_FILE_RECORDS,
      by: `framegate ${version}`,
      made: new Date().toISOString(),
      rules,
      isConsistent: role === "admin",
      kept: await view.workers.capabilityAnswers(),
    });
  };

  api.openapi(
    createRoute({
      method: "get",
      path: "/recording",
      summary: "Recorded sessions as a file to replay",
      description:
        "Whole sessions of which a record fits the filters, for `framegate replay`; equal secrets have equal placeholders for an admin alone.",
      request: { query: filterQuerySchema.strict() },
      responses: answersOf(exportedRecordingSchema, "The recording, and what is in it."),
    }),
    async (context) => context.json(await record(context.req.valid("query"), context.get("visitor")), 200),
  );

  api.openapi(
    createRoute({
      method: "get",
      path: "/recording.ndjson",
      summary: "The same as the file alone",
      request: { query: filterQuerySchema.strict() },
      responses: {
        200: {
          description: "Lines of JSON.",
          content: { "text/plain": { schema: z.string() } },
        },
      },
    }),
    async (context) => {
      const { recording } = await record(context.req.valid("query"), context.get("visitor"));
      const name = `framegate-${new Date().toISOString().replaceAll(":", "-").slice(0, 19)}.ndjson`;
      context.header("Content-Disposition", `attachment; filename="${name}"`);
      return context.text(recording, 200);
    },
  );
}
