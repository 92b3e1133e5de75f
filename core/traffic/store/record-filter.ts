import type {
  FrameRecord,
  HookRecord,
  PayloadView,
  RequestRecord,
  TrafficFilter,
  TrafficRecord,
  UpgradeRecord,
} from "../records.ts";

/** Whether a record, redacted already, is one of those that are looked for. */
export function compileFilter(filter: TrafficFilter): (record: TrafficRecord) => boolean {
  const { kind, session, route, node, origin, opcode, status, policy, outcome, from, to } = filter;
  const text = filter.text?.toLowerCase() ?? "";
  return (record) =>
    (kind === undefined || record.kind === kind) &&
    (session === undefined || record.session === session) &&
    (route === undefined || record.route === route) &&
    (node === undefined || record.node === node) &&
    (from === undefined || record.time >= from) &&
    (to === undefined || record.time <= to) &&
    (origin === undefined || (record.kind === "frame" && record.origin === origin)) &&
    (opcode === undefined || (record.kind === "frame" && record.opcode === opcode)) &&
    (outcome === undefined || (hasOutcome(record) && record.outcome === outcome)) &&
    (status === undefined || (hasStatus(record) && record.status === status)) &&
    (policy === undefined || hadPart(record, policy)) &&
    (text === "" || holds(record, text));
}

function hasStatus(record: TrafficRecord): record is UpgradeRecord | RequestRecord {
  return record.kind === "upgrade" || record.kind === "request";
}

function hasOutcome(record: TrafficRecord): record is FrameRecord | HookRecord {
  return record.kind === "frame" || record.kind === "hook";
}

function hadPart(record: TrafficRecord, policy: string): boolean {
  if (record.kind === "close" || record.kind === "hook") return record.policy === policy;
  return record.steps.some((step) => step.policy === policy);
}

/** @param text in lower case */
function holds(record: TrafficRecord, text: string): boolean {
  const has = (value: string) => value.toLowerCase().includes(text);
  switch (record.kind) {
    case "upgrade":
    case "request": {
      const headers =
        record.kind === "request"
          ? [record.request, record.response]
          : [
              record.request,
              record.serverRequest ?? [],
              record.serverResponse?.headers ?? [],
              record.response,
            ];
      return (
        [record.path, record.server, record.client, record.code, record.detail].some(has) ||
        headers.some((list) => list.some(([name, value]) => has(name) || has(value))) ||
        record.steps.some(({ detail }) => has(detail))
      );
    }
    case "frame": {
      const made = record.steps.map(({ after }) => after);
      const payloads = [record.payload, record.after, ...record.replies, ...record.appended, ...made];
      return (
        payloads.some((payload) => payload !== null && has(textOf(payload))) ||
        record.steps.some(({ detail }) => has(detail))
      );
    }
    case "hook": {
      const { hook, detail, rule, toClient, toServer } = record;
      return (
        [hook, detail, rule].some(has) || [...toClient, ...toServer].some((payload) => has(textOf(payload)))
      );
    }
    case "close":
      return [record.reason, record.cause, record.detail, record.rule, record.client, record.server].some(
        has,
      );
  }
}

function textOf({ encoding, data }: PayloadView): string {
  return encoding === "text" ? data : Buffer.from(data, "base64").toString("utf8");
}
