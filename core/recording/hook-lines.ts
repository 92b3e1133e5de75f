import type { HookRecord } from "../traffic/records.ts";
import type { HookLine } from "./format.ts";
import { bodyOfView, parseCloseDetail } from "./message-lines.ts";

export function hookLineOf(record: HookRecord): HookLine {
  const { session, time, hook, by, lateMs, policy, version, outcome, detail } = record;
  const { toClient, toServer, attributes, expires } = record;
  const close = outcome === "closed" ? parseCloseDetail(detail) : undefined;
  return {
    ...{ type: "hook", session, time, hook, by, late: lateMs, policy, version },
    result: {
      outcome,
      toClient: toClient.map(bodyOfView),
      toServer: toServer.map(bodyOfView),
      attributes,
      ...(expires !== null && { expires }),
      ...(close !== undefined && { close }),
    },
  };
}
