import { createRoute, z } from "@hono/zod-openapi";
import type { Logger } from "../../../log.ts";
import { findFilterProblem } from "../../../traffic/filter/parse-filter.ts";
import { SORT_KEYS, sortRecords } from "../../../traffic/filter/sort-records.ts";
import { exportHar } from "../../../traffic/har/har.ts";
import {
  type TrafficFilter,
  type TrafficRecord,
  trafficFilterSchema,
  trafficRecordSchema,
} from "../../../traffic/records.ts";
import type { TrafficStore } from "../../../traffic/store/store.ts";
import { AdminError } from "../../errors.ts";
import type { GatewayView } from "../../gateway-view.ts";
import { type Api, answers, doneSchema } from "../api.ts";
import { errorSchema, trafficPageSchema, trafficStatsSchema } from "../api-schema.ts";
import { addFilterHelp } from "./filter-api.ts";
import { createLiveValues } from "./live-values.ts";
import { withSessions } from "./page-of.ts";

/** Of a URL's text. */
const number = z.coerce.number().optional();

/** As the text of a URL has it. */
export const filterQuerySchema = trafficFilterSchema.extend({
  filter: trafficFilterSchema.shape.filter.superRefine((text = "", context) => {
    const problem = findFilterProblem(text);
    if (problem !== undefined) context.addIssue({ code: "custom", message: problem });
  }),
  opcode: number,
  status: number.describe("Of an upgrade or a plain request."),
  from: number.describe("Milliseconds since 1970."),
  to: number,
});

const querySchema = filterQuerySchema
  .extend({
    before: number.describe("Only records with a smaller `seq`: the next older page."),
    after: number.describe("Only records with a greater `seq`, oldest first: what has come since."),
    limit: z.coerce.number().int().min(1).max(1000).default(100),
    sort: z
      .enum(SORT_KEYS)
      .optional()
      .describe("In place of pages: the first records by this, of all that are kept."),
    order: z.enum(["asc", "desc"]).default("desc").describe("With `sort`."),
  })
  .strict();

export interface TrafficParts {
  readonly traffic: TrafficStore;
  readonly view: Pick<GatewayView, "table" | "policies">;
  /** Of Framegate. */
  readonly version: string;
  readonly logger: Logger;
}

export function addTraffic(api: Api, { traffic, view, version, logger }: TrafficParts): void {
  addFilterHelp(api, createLiveValues(traffic, view));

  api.openapi(
    createRoute({
      method: "get",
      path: "/traffic",
      summary: "Recorded traffic",
      description: "All filters that are given must hold.",
      request: { query: querySchema },
      responses: answers(trafficPageSchema, "A page of records."),
    }),
    async (context) => {
      const { sort, order, ...query } = context.req.valid("query");
      const { before, after, limit, ...filter } = query;
      if (sort === undefined)
        return context.json(await withSessions(traffic, await traffic.query(query)), 200);
      if (before !== undefined || after !== undefined)
        throw new AdminError(
          "ERR_REQUEST",
          "expected no before and no after beside sort: there are no pages",
        );
      const { compared, isWhole, ...page } = await sortRecords(traffic, { filter, sort, order, limit });
      return context.json(await withSessions(traffic, { ...page, sorted: { compared, isWhole } }), 200);
    },
  );

  api.openapi(
    createRoute({
      method: "delete",
      path: "/traffic",
      summary: "Forget what was recorded",
      responses: answers(doneSchema, "Nothing is kept of what came before."),
    }),
    (context) => {
      traffic.clear();
      logger.info("recorded traffic cleared by an operator");
      return context.json({ done: true as const }, 200);
    },
  );

  api.openapi(
    createRoute({
      method: "get",
      path: "/traffic/stats",
      summary: "How much is kept",
      responses: answers(trafficStatsSchema, "Numbers of the recorder."),
    }),
    (context) => context.json({ ...traffic.stats() }, 200),
  );

  api.openapi(
    createRoute({
      method: "get",
      path: "/traffic/{seq}",
      summary: "One record",
      request: { params: z.object({ seq: z.coerce.number().int() }) },
      responses: answers(trafficRecordSchema, "The record."),
    }),
    async (context) => {
      const { seq } = context.req.valid("param");
      const record = await traffic.get(seq);
      if (record !== undefined) return context.json(record, 200);
      throw new AdminError("ERR_NOT_FOUND", `no record ${seq} is kept; the oldest are given up first`);
    },
  );

  api.openapi(
    createRoute({
      method: "get",
      path: "/traffic.har",
      summary: "Recorded traffic as a HAR file",
      description: "With `_webSocketMessages`, as browsers' developer tools import it.",
      request: { query: filterQuerySchema.strict() },
      responses: {
        200: {
          description: "HAR 1.2.",
          content: { "application/json": { schema: z.object({ log: z.looseObject({}) }) } },
        },
        "4XX": { description: "Why not.", content: { "application/json": { schema: errorSchema } } },
      },
    }),
    async (context) => {
      const filter = context.req.valid("query");
      const har = await exportHar(traffic, {
        sessions: await findSessions(traffic, filter),
        maxRecords: MOST_FILE_RECORDS,
        version,
      });
      const name = `framegate-${new Date().toISOString().replaceAll(":", "-").slice(0, 19)}.har`;
      context.header("Content-Disposition", `attachment; filename="${name}"`);
      // The schema leaves to HAR what is in it.
      return context.json(har as unknown as { log: Record<string, string> }, 200);
    },
  );
}

/** Of what is written into one file. */
export const MOST_FILE_RECORDS = 100_000;
const MOST_FILE_SESSIONS = 1000;
const PAGE_RECORDS = 1000;

/** The sessions of which such a record fits, newest first: files hold sessions whole. */
export async function findSessions(
  traffic: TrafficStore,
  filter: TrafficFilter,
  isWanted: (record: TrafficRecord) => boolean = () => true,
): Promise<readonly string[]> {
  if (filter.session !== undefined && filter.filter === undefined) return [filter.session];
  const sessions = new Set<string>();
  let before: number | undefined;
  for (
    let looked = 0;
    looked < MOST_FILE_RECORDS && sessions.size < MOST_FILE_SESSIONS;
    looked += PAGE_RECORDS
  ) {
    const page = await traffic.query({
      ...filter,
      ...(before !== undefined && { before }),
      limit: PAGE_RECORDS,
    });
    for (const record of page.records) if (isWanted(record)) sessions.add(record.session);
    before = page.records.at(-1)?.seq;
    if (!page.hasMore || before === undefined) break;
  }
  return [...sessions].slice(0, MOST_FILE_SESSIONS);
}
