import type { PayloadPoint, TrafficConfig } from "../config/index.ts";
import type { Logger } from "../log.ts";
import type { Batch } from "./batch.ts";
import { openStore } from "./open-store.ts";
import { createPayloadLog } from "./payload-log.ts";
import type { RedactionRules } from "./redaction/rules.ts";
import type { TrafficStore } from "./store.ts";

export interface TrafficOptions {
  readonly config: TrafficConfig;
  readonly logger: Logger;
  readonly rules: RedactionRules;
  /** Where a route's payloads are logged. */
  pointsOf(route: string): readonly PayloadPoint[];
}

/** The supervisor's side of the recorder: batches in, records kept and payloads logged. */
export interface Traffic {
  readonly store: TrafficStore;
  take(batch: Batch): void;
  close(): void;
}

/** @throws TrafficError `ERR_TRAFFIC_FILE` for a file that can never be used */
export function openTraffic({ config, logger, rules, pointsOf }: TrafficOptions): Traffic {
  const store = openStore(config, rules);
  const logPayloads = createPayloadLog({ logger, rules, pointsOf });
  return {
    store,
    take(batch) {
      if (batch.purpose === "log") logPayloads(batch);
      else store.append(batch);
    },
    close: () => store.close(),
  };
}
