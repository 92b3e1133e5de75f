import { createRoute, z } from "@hono/zod-openapi";
import type { Logger } from "../log.ts";
import { trafficFilterSchema, trafficRecordSchema } from "../traffic/records.ts";
import type { TrafficStore } from "../traffic/store.ts";
import { type Api, answers, doneSchema } from "./api.ts";
import { errorSchema, trafficPageSchema, trafficStatsSchema } from "./api-schema.ts";
import { AdminError } from "./errors.ts";
import type { Observations } from "./gateway-view.ts";

/** Of a URL's text. */
const number = z.coerce.number().optional();

const filterSchema = trafficFilterSchema.extend({
  opcode: number,
  status: number.describe("Of an upgrade."),
  from: number.describe("Milliseconds since 1970."),
  to: number,
});

const querySchema = filterSchema
  .extend({
    before: number.describe("Only records with a smaller `seq`: the next older page."),
    after: number.describe("Only records with a greater `seq`, oldest first: what has come since."),
    limit: z.coerce.number().int().min(1).max(1000).default(100),
  })
  .strict();

export function addTraffic(
  api: Api,
  traffic: TrafficStore,
  exportHar: Observations["exportHar"],
  logger: Logger,
): void {
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
      const { records, hasMore } = await traffic.query(context.req.valid("query"));
      return context.json({ records: [...records], hasMore }, 200);
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
      request: { query: filterSchema.strict() },
      responses: {
        200: {
          description: "HAR 1.2.",
          content: { "application/json": { schema: z.object({ log: z.object({}) }) } },
        },
        "4XX": { description: "Why not.", content: { "application/json": { schema: errorSchema } } },
      },
    }),
    // biome-ignore lint/suspicious/noExplicitAny: a stream is no value of the schema
    (context): any => {
      if (exportHar === undefined)
        throw new AdminError("ERR_CONFLICT", "nothing is recorded by this gateway");
      const name = `framegate-${new Date().toISOString().replaceAll(":", "-").slice(0, 19)}.har`;
      return context.body(ReadableStream.from(toBytes(exportHar(context.req.valid("query")))), 200, {
        "Content-Type": "application/json",
        "Content-Disposition": `attachment; filename="${name}"`,
      });
    },
  );
}

async function* toBytes(text: AsyncIterable<string>): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  for await (const piece of text) yield encoder.encode(piece);
}

/** Where nothing records. */
export const noTraffic: TrafficStore = {
  append() {},
  query: async () => ({ records: [], hasMore: false }),
  get: async () => undefined,
  stats: () => ({ records: 0, bytes: 0, oldestTime: 0, newestSeq: 0, dropped: 0, problem: "" }),
  clear() {},
  close() {},
};
