import { createRoute, z } from "@hono/zod-openapi";
import type { Logger } from "../../../log.ts";
import { RecordingError } from "../../../recording/errors.ts";
import {
  createOpenedFiles,
  MOST_OPENED_FILES,
  MOST_OPENED_RECORDS,
} from "../../../recording/opened/opened-files.ts";
import type { TrafficStore } from "../../../traffic/store/store.ts";
import type { Visitor } from "../../access/guard.ts";
import { AdminError } from "../../errors.ts";
import { type Api, answers, createApi, doneSchema } from "../api.ts";
import { openedFileSchema } from "./file-schema.ts";

export const FILES_PATH = "/files";
/** It is read in the process that looks after all others. */
export const MOST_OPENED_BYTES = 16 * 1024 * 1024;

export interface FilesParts {
  readonly subjects: () => readonly string[];
  readonly logger: Logger;
  /** What is answered of a file's records, as it is of those that are recorded. */
  addReading(api: Api, records: TrafficStore): void;
}

const paramsSchema = z.object({ id: z.string() });

/** Files that are looked at as if their sessions had been recorded here. @returns closes them all */
export function addFiles(api: Api, { subjects, logger, addReading }: FilesParts): () => void {
  const files = createOpenedFiles(subjects);
  const readings = new WeakMap<TrafficStore, Api>();

  api.openapi(
    createRoute({
      method: "get",
      path: FILES_PATH,
      summary: "Files that are looked at",
      responses: answers(z.object({ files: z.array(openedFileSchema) }), "Those that are open."),
    }),
    (context) => {
      requireAdmin(context.get("visitor"));
      return context.json({ files: files.list().map((file) => ({ ...file })) }, 200);
    },
  );

  api.openapi(
    createRoute({
      method: "post",
      path: FILES_PATH,
      summary: "Open a HAR file, or a recording",
      description: `Its text is the body, at most ${MOST_OPENED_BYTES} bytes and ${MOST_OPENED_RECORDS} records. Nothing of it mixes with what is recorded. At most ${MOST_OPENED_FILES} are open, each until it is closed, or nobody has asked for it for an hour.`,
      request: {
        query: z.strictObject({ name: z.string().min(1).max(200).describe("Of the file, for messages.") }),
        body: { required: true, content: { "text/plain": { schema: z.string() } } },
      },
      responses: answers(openedFileSchema, "What it holds."),
    }),
    async (context) => {
      const { name } = context.req.valid("query");
      try {
        const file = await files.open(await context.req.text(), name);
        logger.info({ ...file }, "a file was opened by an operator, to be looked at");
        return context.json({ ...file }, 200);
      } catch (error) {
        if (error instanceof RecordingError) throw new AdminError("ERR_REQUEST", error.message);
        throw error;
      }
    },
  );

  api.openapi(
    createRoute({
      method: "delete",
      path: `${FILES_PATH}/{id}`,
      summary: "Close a file",
      request: { params: paramsSchema },
      responses: answers(doneSchema, "Nothing is kept of it."),
    }),
    (context) => {
      const { id } = context.req.valid("param");
      if (!files.close(id)) throw notOpen();
      return context.json({ done: true as const }, 200);
    },
  );

  api.openAPIRegistry.registerPath({
    method: "get",
    path: `${FILES_PATH}/{id}/traffic`,
    summary: "What a file holds",
    description:
      "As `/traffic`. Behind `/files/{id}` there are `/traffic`, `/traffic/{seq}`, `/traffic/filter`, `/traffic.har`, `/sessions/{id}/explain` and `/sessions/{id}/explain/{message}` too, of the file's records.",
    request: { params: paramsSchema },
    responses: { 200: { description: "A page of records." } },
  });
  api.get(`${FILES_PATH}/:file/*`, (context) => {
    requireAdmin(context.get("visitor"));
    const id = context.req.param("file");
    const records = files.find(id);
    if (records === undefined) throw notOpen();
    const { pathname, search } = new URL(context.req.url);
    const rest = pathname.slice(pathname.indexOf(`${FILES_PATH}/`) + FILES_PATH.length + 1 + id.length);
    return readingOf(records).request(rest + search);
  });

  return files.closeAll;

  function readingOf(records: TrafficStore): Api {
    const known = readings.get(records);
    if (known !== undefined) return known;
    const made = createApi(logger);
    addReading(made, records);
    readings.set(records, made);
    return made;
  }
}

/** A file is not redacted by anybody here. */
function requireAdmin({ role }: Visitor): void {
  if (role !== "admin")
    throw new AdminError("ERR_ROLE", "files are looked at by admins; log in with console.token");
}

function notOpen(): AdminError {
  return new AdminError("ERR_NOT_FOUND", "this file is not open any more: open it again");
}
