import type { RedactionRules } from "../redaction/rules.ts";
import type { RawFrame, RawHook, RawRecord } from "./batch/raw-record.ts";
import { viewPayload } from "./payload-view.ts";
import type {
  CloseRecord,
  FrameRecord,
  HookRecord,
  PolicyStep,
  RequestRecord,
  TrafficRecord,
  UpgradeRecord,
} from "./records.ts";

/** The one door between what was recorded and whoever reads it, disk, log and network included. */
export function redactRecord(record: RawRecord, rules: RedactionRules): TrafficRecord {
  switch (record.kind) {
    case "upgrade":
      return redactUpgrade(record, rules);
    case "request":
      return redactRequest(record, rules);
    case "frame":
      return redactFrame(record, rules);
    case "hook":
      return redactHook(record, rules);
    case "close":
      return redactClose(record, rules);
  }
}

export function redactUpgrade(record: UpgradeRecord, rules: RedactionRules): UpgradeRecord {
  const { subprotocol } = record;
  return {
    ...record,
    ...redactAnswer(record, rules, subprotocol),
    subprotocol:
      subprotocol === "" ? "" : rules.redactHeader("sec-websocket-protocol", subprotocol, subprotocol),
    attributes: rules.redactAttributes(record.attributes),
  };
}

function redactRequest(record: RequestRecord, rules: RedactionRules): RequestRecord {
  return { ...record, ...redactAnswer(record, rules) };
}

/** @param subprotocol that was agreed on, which is no secret of the fields that offer it */
function redactAnswer(record: UpgradeRecord | RequestRecord, rules: RedactionRules, subprotocol?: string) {
  const { serverRequest, serverResponse } = record;
  return {
    path: rules.redactUrl(record.path),
    server: rules.redactUrl(record.server),
    detail: rules.redactText(record.detail),
    request: rules.redactHeaders(record.request, subprotocol),
    serverRequest: serverRequest && rules.redactHeaders(serverRequest, subprotocol),
    serverResponse: serverResponse && {
      ...serverResponse,
      headers: rules.redactHeaders(serverResponse.headers, subprotocol),
    },
    phases: record.phases.map(({ problem, ...phase }) => ({
      ...phase,
      ...(problem !== undefined && { problem: rules.redactText(problem) }),
    })),
    response: rules.redactHeaders(record.response, subprotocol),
    steps: redactSteps(record.steps, rules),
  };
}

function redactFrame(record: RawFrame, rules: RedactionRules): FrameRecord {
  return {
    ...record,
    steps: record.steps.map((step) => ({
      ...step,
      detail: rules.redactText(step.detail),
      after: step.after && viewPayload(step.after, rules),
    })),
    payload: record.payload && viewPayload(record.payload, rules),
    after: record.after && viewPayload(record.after, rules),
    replies: record.replies.map((payload) => viewPayload(payload, rules)),
    appended: record.appended.map((payload) => viewPayload(payload, rules)),
  };
}

function redactHook(record: RawHook, rules: RedactionRules): HookRecord {
  return {
    ...record,
    detail: rules.redactText(record.detail),
    rule: rules.redactText(record.rule),
    attributes: rules.redactAttributes(record.attributes),
    toClient: record.toClient.map((payload) => viewPayload(payload, rules)),
    toServer: record.toServer.map((payload) => viewPayload(payload, rules)),
  };
}

function redactClose(record: CloseRecord, rules: RedactionRules): CloseRecord {
  return {
    ...record,
    reason: rules.redactText(record.reason),
    detail: rules.redactText(record.detail),
    rule: rules.redactText(record.rule),
    server: rules.redactUrl(record.server),
  };
}

function redactSteps(steps: readonly PolicyStep[], rules: RedactionRules): PolicyStep[] {
  return steps.map((step) => ({ ...step, detail: rules.redactText(step.detail) }));
}
