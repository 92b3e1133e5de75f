import { isDeepStrictEqual } from "node:util";
import type { PayloadPoint, TrafficConfig } from "../config/index.ts";
import type { Logger } from "../log.ts";
import type { RedactionRules } from "../redaction/rules.ts";
import type { Batch } from "./batch/batch.ts";
import { createPayloadLog } from "./payload-log.ts";
import { type OpenElsewhere, openStore } from "./store/open-store.ts";
import type { TrafficStore } from "./store/store.ts";

export interface TrafficOptions {
  readonly config: TrafficConfig;
  readonly logger: Logger;
  readonly rules: RedactionRules;
  /** Where a route's payloads are logged. */
  pointsOf(route: string): readonly PayloadPoint[];
  /** Reads records that a sink keeps. */
  readonly openElsewhere: OpenElsewhere;
  /** Settles when `take` has had all that the workers have recorded so far. */
  collect(): Promise<void>;
}

/** The supervisor's side of the recorder: batches in, records kept and payloads logged. */
export interface Traffic {
  /** Whoever asks sees what happened up to now: workers hand over what they hold back. */
  readonly store: TrafficStore;
  take(batch: Batch): void;
  /** Kept like this from `commit` on. What another file would be kept in begins anew; the old one is left as it is. */
  prepare(config: TrafficConfig): PreparedTraffic;
  close(): void;
}

/** A store that can be had, and is not used yet. */
export interface PreparedTraffic {
  commit(): void;
  discard(): void;
}

/**
 * `prepare` throws as this does.
 *
 * @throws TrafficError `ERR_TRAFFIC_FILE` for a file that can never be used
 */
export function openTraffic(options: TrafficOptions): Traffic {
  const { config, logger, rules, pointsOf, openElsewhere, collect } = options;
  let used = config;
  let kept = openStore(config, rules, openElsewhere);
  const store = collectBefore(() => kept, collect);
  const logPayloads = createPayloadLog({ logger, rules, pointsOf });
  return {
    store,
    take(batch) {
      if (batch.purpose === "log") logPayloads(batch);
      else kept.append(batch);
    },
    prepare(newest) {
      const isSame = newest.file === used.file && isDeepStrictEqual(newest.readFrom, used.readFrom);
      const other = isSame ? undefined : openStore(newest, rules, openElsewhere);
      return {
        commit() {
          used = newest;
          if (other === undefined) return kept.change(newest);
          kept.close();
          kept = other;
        },
        discard: () => other?.close(),
      };
    },
    close: () => kept.close(),
  };
}

function collectBefore(store: () => TrafficStore, collect: () => Promise<void>): TrafficStore {
  let isCollecting: Promise<void> | undefined;
  const collectOnce = (): Promise<void> => {
    isCollecting ??= collect().finally(() => {
      isCollecting = undefined;
    });
    return isCollecting;
  };
  return {
    get redactsLate() {
      return store().redactsLate;
    },
    append: (batch) => store().append(batch),
    get: (seq) => store().get(seq),
    note: (seq, note) => store().note(seq, note),
    facts: (sessions) => store().facts(sessions),
    clear: () => store().clear(),
    change: (bounds) => store().change(bounds),
    close: () => store().close(),
    async query(query, rules) {
      await collectOnce();
      return store().query(query, rules);
    },
    stats() {
      // For the next to ask: one who asks again and again is as good as up to date.
      void collectOnce();
      return store().stats();
    },
  };
}
