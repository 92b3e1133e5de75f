import { explainMessage } from "../../../core/explain/explain-message.ts";
import {
  beginOf,
  explainSession,
  findMessage,
  parseMessageName,
} from "../../../core/explain/explain-session.ts";
import { compileRedaction, USUAL_REDACTION } from "../../../core/redaction/rules.ts";
import type { TrafficRecord } from "../../../core/traffic/records.ts";
import { makeRoutes } from "./inventory.ts";

const rules = compileRedaction(USUAL_REDACTION);
const findLine = (policy: string) => `policies/${policy}.ts:6`;

/** As `GET /api/v1/sessions/{id}/explain`, or of one message, gives it; undefined: it is not kept. */
export function explain(
  all: readonly TrafficRecord[],
  session: string,
  message?: string,
): object | undefined {
  const records = all.filter((record) => record.session === session);
  if (records.length === 0) return undefined;
  if (message === undefined) {
    const routes = makeRoutes().map(({ name, path, host }) => ({
      ...{ name, path, match: { hosts: host === "" ? [] : [host], headers: {}, clients: [] } },
    }));
    return explainSession({ session, records, hasMore: false }, { routes, rules, findLine });
  }
  const name = parseMessageName(message);
  const frame = name && findMessage(records, name);
  return frame && explainMessage(frame, beginOf(records), findLine);
}
