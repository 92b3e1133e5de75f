import { createRoute, z } from "@hono/zod-openapi";
import type { Logger } from "../../../log.ts";
import { type RecordNote, recordNoteSchema, trafficRecordSchema } from "../../../traffic/records.ts";
import type { TrafficStore } from "../../../traffic/store/store.ts";
import { AdminError } from "../../errors.ts";
import { type Api, answers, jsonBody } from "../api.ts";

export interface NotesParts {
  readonly traffic: TrafficStore;
  readonly logger: Logger;
  /** Told of each, so that all who look see it. */
  onNote(seq: number, note: RecordNote): void;
}

/** Marks and notes of records. */
export function addRecordNotes(api: Api, { traffic, logger, onNote }: NotesParts): void {
  api.openapi(
    createRoute({
      method: "put",
      path: "/traffic/{seq}/note",
      summary: "Mark a record, or write a note beside it",
      description:
        "Kept with the record, for as long as that is: all who look see it. Without a mark and with an empty note there is none any more.",
      request: {
        params: z.object({ seq: z.coerce.number().int() }),
        body: jsonBody(recordNoteSchema),
      },
      responses: answers(trafficRecordSchema, "The record with it."),
    }),
    async (context) => {
      const { seq } = context.req.valid("param");
      const note = context.req.valid("json");
      const record = await traffic.note(seq, note);
      if (record === undefined)
        throw new AdminError("ERR_NOT_FOUND", `no record ${seq} is kept; the oldest are given up first`);
      logger.info({ seq, session: record.session, ...note }, "record marked, or noted, by an operator");
      onNote(seq, note);
      return context.json(record, 200);
    },
  );
}
