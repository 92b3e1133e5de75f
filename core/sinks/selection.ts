import { crc32 } from "node:zlib";
import type { SinkConfig } from "../config/index.ts";
import type { PayloadView, TrafficRecord } from "../traffic/records.ts";

/** Which records a sink takes. Sessions are taken whole or not at all, by every sink with the same sample the same ones. */
export function compileSelection({
  routes,
  kinds,
  sample,
}: Pick<SinkConfig, "routes" | "kinds" | "sample">): (record: TrafficRecord) => boolean {
  const limit = sample * 2 ** 32;
  return ({ route, kind, session }) =>
    (routes === undefined || routes.includes(route)) &&
    kinds.includes(kind) &&
    (sample === 1 || crc32(session) < limit);
}

/** All that is known of a record but for what the messages say. */
export function withoutPayloads(record: TrafficRecord): TrafficRecord {
  switch (record.kind) {
    case "frame": {
      const steps = record.steps.map((step) => ({ ...step, after: null }));
      return { ...record, steps, payload: null, after: null, replies: NONE, appended: NONE };
    }
    case "hook":
      return { ...record, toClient: NONE, toServer: NONE };
    case "upgrade":
    case "request":
    case "close":
      return record;
  }
}

const NONE: PayloadView[] = [];
