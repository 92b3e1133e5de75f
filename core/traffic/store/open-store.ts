import type { PostgresTarget } from "../../config/options/sink/postgres.ts";
import type { TrafficConfig } from "../../config/options/traffic.ts";
import type { RedactionRules } from "../../redaction/rules.ts";
import { createMemoryStore } from "./memory-store.ts";
import { createSqliteStore } from "./sqlite-store.ts";
import type { StoreBounds, TrafficStore } from "./store.ts";

/** What is kept elsewhere, to be read. */
export type OpenElsewhere = (place: PostgresTarget, who: Pick<StoreBounds, "subjects">) => TrafficStore;

/**
 * The store that the config asks for.
 *
 * @throws TrafficError `ERR_TRAFFIC_FILE` for a file that can never be used
 */
export function openStore(
  { file, readFrom, ...bounds }: TrafficConfig,
  rules: RedactionRules,
  openElsewhere: OpenElsewhere,
): TrafficStore {
  if (readFrom !== undefined) return openElsewhere(readFrom, bounds);
  return file === undefined
    ? createMemoryStore({ bounds, rules })
    : createSqliteStore({ file, bounds, rules });
}
