import type { TrafficRecord } from "../../traffic/records.ts";
import type { SinkRecord } from "../sink.ts";

/** What is used of OpenTelemetry's `ReadableLogRecord`. */
export interface OtlpLogRecord {
  readonly hrTime: [seconds: number, nanoseconds: number];
  readonly hrTimeObserved: [seconds: number, nanoseconds: number];
  readonly severityNumber: number;
  readonly severityText: string;
  readonly eventName: string;
  readonly body: string;
  readonly attributes: Record<string, string | number>;
  readonly droppedAttributesCount: number;
  readonly resource: OtlpResource;
  /** One object for all of them: they are grouped by it. */
  readonly instrumentationScope: { readonly name: string; readonly version: string };
}

export interface OtlpResource {
  readonly attributes: Record<string, string>;
}

/** As the OpenTelemetry specification numbers them (logs data model, "Field: SeverityNumber"). */
const SEVERITY = { info: 9, warn: 13 } as const;

/** The body is all of the record, as JSON; what one looks for is an attribute. */
export function toLogRecord(
  record: SinkRecord,
  around: Pick<OtlpLogRecord, "resource" | "instrumentationScope">,
): OtlpLogRecord {
  const { time, kind, session, route, node, run, seq, json } = record;
  const hrTime: OtlpLogRecord["hrTime"] = [Math.floor(time / 1000), Math.round((time % 1000) * 1e6)];
  const severity = isTrouble(JSON.parse(json) as TrafficRecord) ? "warn" : "info";
  return {
    ...{ hrTime, hrTimeObserved: hrTime },
    ...{ severityNumber: SEVERITY[severity], severityText: severity.toUpperCase() },
    eventName: `framegate.${kind}`,
    body: json,
    attributes: {
      ...{ "framegate.session": session, "framegate.route": route, "framegate.kind": kind },
      ...{ "framegate.node": node, "framegate.run": run, "framegate.seq": seq },
    },
    droppedAttributesCount: 0,
    ...around,
  };
}

/** What was refused, dropped, closed by a policy, or failed. */
function isTrouble(record: TrafficRecord): boolean {
  switch (record.kind) {
    case "upgrade":
      return record.status !== 101;
    case "request":
      return record.status >= 400;
    case "frame":
      return record.outcome === "dropped" || record.outcome === "closed" || record.outcome === "failed";
    case "hook":
      return record.outcome === "closed" || record.outcome === "failed";
    case "close":
      return record.initiator === "policy" || record.initiator === "gateway";
  }
}
