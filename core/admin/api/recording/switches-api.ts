import { createRoute, type z } from "@hono/zod-openapi";
import { parseDuration, parseSize } from "../../../config/index.ts";
import type { Logger } from "../../../log.ts";
import { configuredRecording, recordingNow } from "../../../traffic/recording-choice.ts";
import type { RecordingWish } from "../../../traffic/switches/recording-switches.ts";
import { AdminError } from "../../errors.ts";
import type { GatewayView } from "../../gateway-view.ts";
import { type Api, answers, jsonBody } from "../api.ts";
import { requireRoute } from "../known-routes.ts";
import {
  type RecordingSwitchesView,
  recordingQuerySchema,
  recordingSwitchesSchema,
  recordingWishSchema,
} from "./switch-schema.ts";

type SwitchesView = Pick<GatewayView, "config" | "table" | "recordings">;

const PATH = "/recording-switches";
const answered = answers(recordingSwitchesSchema, "What is recorded now, in all workers.");

/** What is recorded, said while the gateway runs. */
export function addRecordingSwitches(api: Api, view: SwitchesView, logger: Logger): void {
  api.openapi(
    createRoute({ method: "get", path: PATH, summary: "What is recorded", responses: answered }),
    async (context) => context.json(await describe(), 200),
  );

  api.openapi(
    createRoute({
      method: "put",
      path: PATH,
      summary: "Switch recording",
      description:
        "For a time, in place of what the config says, in all workers of this node. Open sessions are recorded, or not, from the next frame of each side on. A reload of the config leaves it as it is; the gateway's end ends it.",
      request: { body: jsonBody(recordingWishSchema) },
      responses: answered,
    }),
    async (context) => {
      const wish = readWish(context.req.valid("json"));
      if (wish.route !== undefined) requireRoute(view, wish.route);
      const { id: _, ...made } = await view.recordings.set(wish);
      logger.info({ ...made }, "recording switched by an operator");
      return context.json(await describe(), 200);
    },
  );

  api.openapi(
    createRoute({
      method: "delete",
      path: PATH,
      summary: "Record as the config says",
      request: { query: recordingQuerySchema },
      responses: answered,
    }),
    async (context) => {
      const { route } = context.req.valid("query");
      if (!(await view.recordings.end(route)))
        throw new AdminError(
          "ERR_NOT_FOUND",
          `recording is not switched ${route === undefined ? "for all routes" : `for route "${route}"`}`,
        );
      logger.info(
        { ...(route !== undefined && { route }) },
        "an operator has recording go by the config again",
      );
      return context.json(await describe(), 200);
    },
  );

  async function describe(): Promise<RecordingSwitchesView> {
    const list = view.recordings.list();
    const counts = new Map(
      list.length === 0 ? [] : (await view.recordings.counts()).map(({ id, records }) => [id, records]),
    );
    const { listen } = view.config();
    return {
      switches: list.map(({ id, route = "", ...each }) => ({ ...each, route, records: counts.get(id) ?? 0 })),
      routes: (view.table()?.routes ?? []).map(({ config }) => ({
        route: config.name,
        configured: configuredRecording(config, listen),
        now: recordingNow(config, listen, list),
      })),
    };
  }
}

const MOST_PAYLOAD = 1024 ** 2;
const MOST_MS = 7 * 86_400_000;

/** @throws AdminError */
function readWish(input: z.output<typeof recordingWishSchema>): RecordingWish {
  const { route, sample, records: maxRecords } = input;
  const payloadBytes = parseSize(input.payload);
  if (payloadBytes === undefined || payloadBytes > MOST_PAYLOAD)
    throw new AdminError(
      "ERR_REQUEST",
      `expected payload to be a size up to 1MiB, such as "256B" or "4KiB", got "${input.payload}"`,
    );
  const forMs = parseDuration(input.for);
  if (forMs === undefined || forMs < 1000 || forMs > MOST_MS)
    throw new AdminError(
      "ERR_REQUEST",
      `expected for to be a duration from 1s to 7d, such as "15m" or "2h", got "${input.for}"`,
    );
  return { ...(route !== undefined && { route }), sample, payloadBytes, maxRecords, forMs };
}
