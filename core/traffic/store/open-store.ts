import type { TrafficConfig } from "../../config/options/traffic.ts";
import type { RedactionRules } from "../../redaction/rules.ts";
import { createMemoryStore } from "./memory-store.ts";
import { createSqliteStore } from "./sqlite-store.ts";
import type { TrafficStore } from "./store.ts";

/**
 * The store that the config asks for.
 *
 * @throws TrafficError `ERR_TRAFFIC_FILE` for a file that can never be used
 */
export function openStore({ file, ...bounds }: TrafficConfig, rules: RedactionRules): TrafficStore {
  return file === undefined
    ? createMemoryStore({ bounds, rules })
    : createSqliteStore({ file, bounds, rules });
}
