import { STATUS_CODES } from "node:http";
import type { CloseRecord, RequestRecord, TrafficRecord, UpgradeRecord } from "../records.ts";
import type { TrafficStore } from "../store/store.ts";
import { type HarMessage, harNoteOf, toHarMessages } from "./har-messages.ts";
import { type HarTimings, toHarTimings } from "./har-timings.ts";

/** HAR 1.2 (http://www.softwareishard.com/blog/har-12-spec/) with Chrome's extension for WebSockets. */
export interface Har {
  readonly log: {
    readonly version: "1.2";
    readonly creator: { readonly name: string; readonly version: string };
    readonly pages: readonly [];
    readonly entries: readonly HarEntry[];
    readonly comment: string;
  };
}

interface NameValue {
  readonly name: string;
  readonly value: string;
}

export interface HarEntry {
  readonly startedDateTime: string;
  readonly time: number;
  readonly request: {
    readonly method: string;
    readonly url: string;
    readonly httpVersion: string;
    readonly cookies: readonly [];
    readonly headers: readonly NameValue[];
    readonly queryString: readonly NameValue[];
    readonly headersSize: -1;
    readonly bodySize: number;
  };
  readonly response: {
    readonly status: number;
    readonly statusText: string;
    readonly httpVersion: string;
    readonly cookies: readonly [];
    readonly headers: readonly NameValue[];
    readonly content: { readonly size: number; readonly mimeType: string };
    readonly redirectURL: string;
    readonly headersSize: -1;
    readonly bodySize: -1;
  };
  readonly cache: Readonly<Record<string, never>>;
  readonly timings: HarTimings;
  readonly connection: string;
  /** What somebody has written beside the request, and that it was marked. */
  readonly comment?: string;
  readonly _marked?: true;
  /** `other`: a plain request. */
  readonly _resourceType: "websocket" | "other";
  readonly _webSocketMessages?: readonly HarMessage[];
  /** What HAR has no place for. */
  readonly _framegate: {
    readonly session: string;
    readonly route: string;
    readonly server: string;
    readonly code: string;
    readonly phases: UpgradeRecord["phases"];
    readonly steps: UpgradeRecord["steps"];
    readonly serverRequest: UpgradeRecord["serverRequest"];
    readonly serverResponse: UpgradeRecord["serverResponse"];
    readonly close: Pick<CloseRecord, "initiator" | "code" | "reason" | "cause" | "detail"> | null;
  };
}

export interface HarSelection {
  /** Ids; their upgrades, messages and closes. */
  readonly sessions: readonly string[];
  /** More records than this are not taken, over all sessions. */
  readonly maxRecords: number;
  /** Of the gateway. */
  readonly version: string;
}

const PAGE_RECORDS = 1000;

/** Sessions as the client saw them: what it sent, and what it got. */
export async function exportHar(store: TrafficStore, selection: HarSelection): Promise<Har> {
  const { sessions, maxRecords, version } = selection;
  const entries: HarEntry[] = [];
  let left = maxRecords;
  let isCut = false;
  for (const session of new Set(sessions)) {
    const records: TrafficRecord[] = [];
    let after = 0;
    let hasMore = true;
    while (hasMore && left > 0) {
      const page = await store.query({ session, after, limit: Math.min(PAGE_RECORDS, left) });
      records.push(...page.records);
      left -= page.records.length;
      after = page.records.at(-1)?.seq ?? after;
      hasMore = page.hasMore && page.records.length > 0;
    }
    isCut ||= hasMore;
    const entry = toHarEntry(records);
    if (entry !== undefined) entries.push(entry);
  }
  const comment = isCut ? `Cut after ${maxRecords} records: choose fewer sessions.` : "";
  return { log: { version: "1.2", creator: { name: "framegate", version }, pages: [], entries, comment } };
}

/** @param records of one session, oldest first; undefined for none */
export function toHarEntry(records: readonly TrafficRecord[]): HarEntry | undefined {
  const [first] = records;
  if (first === undefined) return undefined;
  const upgrade = records.find(hasRequest) ?? forgottenUpgrade(first);
  const plain = upgrade.kind === "request" ? upgrade : undefined;
  const close = records.find(isClose);
  const url = urlOf(upgrade);
  const { session, route, server, code, status, durationMs } = upgrade;
  const { phases, steps, serverRequest, serverResponse } = upgrade;
  const httpVersion = `HTTP/${upgrade.httpVersion}`;
  return {
    startedDateTime: new Date(upgrade.time).toISOString(),
    time: durationMs,
    request: {
      method: upgrade.method,
      url,
      httpVersion,
      cookies: [],
      headers: toNameValues(upgrade.request),
      queryString: toNameValues([...new URLSearchParams(url.split("?").slice(1).join("?"))]),
      headersSize: -1,
      bodySize: plain?.requestBytes ?? 0,
    },
    response: {
      status,
      statusText: STATUS_CODES[status] ?? "",
      httpVersion,
      cookies: [],
      headers: toNameValues(upgrade.response),
      content: {
        size: plain?.responseBytes ?? 0,
        mimeType: (plain && headerOf(plain.response, "content-type")) ?? "x-unknown",
      },
      redirectURL: headerOf(upgrade.response, "location") ?? "",
      headersSize: -1,
      bodySize: -1,
    },
    cache: {},
    timings: toHarTimings(upgrade),
    connection: session,
    ...harNoteOf(upgrade),
    ...(plain === undefined
      ? { _resourceType: "websocket", _webSocketMessages: records.flatMap(toHarMessages) }
      : { _resourceType: "other" }),
    _framegate: {
      ...{ session, route, server, code, phases, steps, serverRequest, serverResponse },
      close: close === undefined ? null : closeOf(close),
    },
  };
}

const hasRequest = (record: TrafficRecord): record is UpgradeRecord | RequestRecord =>
  record.kind === "upgrade" || record.kind === "request";
const isClose = (record: TrafficRecord): record is CloseRecord => record.kind === "close";

function closeOf({ initiator, code, reason, cause, detail }: CloseRecord) {
  return { initiator, code, reason, cause, detail };
}

/** Of a session whose beginning is not kept any more. */
function forgottenUpgrade({ seq, time, session, route }: TrafficRecord): UpgradeRecord {
  return {
    kind: "upgrade",
    seq,
    time,
    session,
    route,
    method: "GET",
    path: "/",
    httpVersion: "1.1",
    status: 101,
    code: "",
    detail: "",
    client: "",
    server: "",
    subprotocol: "",
    extensions: "",
    durationMs: 0,
    request: [],
    serverRequest: null,
    serverResponse: null,
    phases: [],
    response: [],
    attributes: {},
    steps: [],
  };
}

/** What the client asked for. A page that came by TLS could not have asked without. */
function urlOf({ kind, request, path }: UpgradeRecord | RequestRecord): string {
  const isSecure = headerOf(request, "origin")?.startsWith("https:") === true;
  const scheme = kind === "request" ? "http" : "ws";
  return `${scheme}${isSecure ? "s" : ""}://${headerOf(request, "host") ?? "unknown.invalid"}${path}`;
}

function headerOf(headers: UpgradeRecord["request"], wanted: string): string | undefined {
  return headers.find(([name]) => name.toLowerCase() === wanted)?.[1];
}

function toNameValues(pairs: readonly (readonly [string, string])[]): NameValue[] {
  return pairs.map(([name, value]) => ({ name, value }));
}
