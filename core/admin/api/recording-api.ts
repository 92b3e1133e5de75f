import { createRoute } from "@hono/zod-openapi";
import type { KeptAnswers } from "../../recording/answer-log.ts";
import { exportRecording } from "../../recording/export-recording.ts";
import { exportedRecordingSchema } from "../../recording/exported-schema.ts";
import type { RedactionRules } from "../../redaction/rules.ts";
import type { TrafficStore } from "../../traffic/store/store.ts";
import { type Api, answers as answersOf } from "./api.ts";
import { filterQuerySchema, findSessions, MOST_FILE_RECORDS } from "./traffic-api.ts";

export interface RecordingParts {
  readonly traffic: TrafficStore;
  answers(): Promise<KeptAnswers>;
  readonly rules: RedactionRules;
  /** Of Framegate. */
  readonly version: string;
}

export function addRecording(api: Api, { traffic, answers, rules, version }: RecordingParts): void {
  api.openapi(
    createRoute({
      method: "get",
      path: "/recording",
      summary: "Recorded sessions as a file to replay",
      description: "Whole sessions of which a record fits the filters, for `framegate replay`.",
      request: { query: filterQuerySchema.strict() },
      responses: answersOf(exportedRecordingSchema, "The recording, and what is in it."),
    }),
    async (context) => {
      const exported = await exportRecording(traffic, {
        sessions: await findSessions(traffic, context.req.valid("query")),
        maxRecords: MOST_FILE_RECORDS,
        by: `framegate ${version}`,
        made: new Date().toISOString(),
        rules: rules.consistent(),
        kept: await answers(),
      });
      return context.json(exported, 200);
    },
  );
}
