import type { CloseRecord, TrafficRecord } from "../../../../core/traffic/records.ts";
import { HeldMark } from "../../../parts/acting/held-count.tsx";
import { address, clockTime, elapsed, span } from "../../../parts/format.ts";
import { NoteMark, NoteText } from "../../../parts/notes/note-mark.tsx";
import { toOneLine } from "../../../parts/visible-text.tsx";
import { headerOf } from "../answer-headers.ts";
import { closeTone } from "../words.ts";
import { EMPTY_CELL, type ShownRecord, type TrafficColumn, textCell } from "./column.ts";

/** Of records of every kind. */
export const sharedColumns = {
  time: {
    id: "time",
    title: "Time",
    width: 88,
    isUsual: true,
    rank: 9,
    sort: "time",
    cell: ({ record }) => ({
      content: (
        <>
          <NoteMark record={record} />
          {clockTime(record.time)}
        </>
      ),
      class: "mono",
    }),
  },
  note: {
    id: "note",
    title: "Note",
    width: 120,
    isUsual: false,
    rank: 7,
    cell: ({ record }) => ({ ...textCell("note", record.note), content: <NoteText record={record} /> }),
  },
  session: {
    id: "session",
    title: "Session",
    width: 104,
    isUsual: true,
    rank: 6,
    sort: "session",
    cell: ({ record }) => ({
      ...textCell("session", record.session, "mono"),
      content: (
        <>
          <HeldMark session={record.session} />
          <SessionId id={record.session} />
        </>
      ),
    }),
  },
  subject: {
    id: "subject",
    title: "Subject",
    width: 92,
    isUsual: true,
    rank: 5,
    sort: "subject",
    cell: ({ facts }) => textCell("subject", facts?.subject),
  },
  route: {
    id: "route",
    title: "Route",
    width: 88,
    isUsual: true,
    rank: 6,
    sort: "route",
    cell: ({ record: { route } }) =>
      route === "" ? { content: <span class="muted">none</span> } : textCell("route", route),
  },
  host: {
    id: "host",
    title: "Host",
    width: 140,
    isUsual: false,
    rank: 2,
    sort: "host",
    cell: (shown) => textCell("host", hostOf(shown)),
  },
  client: {
    id: "client",
    title: "Client",
    width: 136,
    isUsual: false,
    rank: 3,
    sort: "client",
    cell: (shown) => {
      const client = address(clientOf(shown));
      return { ...textCell("client", client, "mono"), term: termOfClient(client) };
    },
  },
  server: {
    id: "server",
    title: "Server",
    width: 150,
    isUsual: false,
    rank: 1,
    sort: "server",
    cell: (shown) => {
      const server = serverOf(shown);
      return {
        ...textCell("server", server, "mono"),
        content: server.replace(/^(?:ws|http)s?:\/\//, ""),
      };
    },
  },
  node: {
    id: "node",
    title: "Machine",
    width: 92,
    isUsual: false,
    rank: 7,
    sort: "node",
    cell: ({ record }) => textCell("node", record.node),
  },
  close: {
    id: "close",
    title: "Close",
    width: 140,
    isUsual: false,
    rank: 0,
    sort: "close",
    cell: ({ record }) =>
      record.kind === "close"
        ? {
            content: <CloseWords record={record} />,
            title: closeText(record),
            term: { field: "close", value: String(record.code) },
          }
        : EMPTY_CELL,
  },
  took: {
    id: "took",
    title: "Took",
    width: 74,
    isRight: true,
    isUsual: true,
    rank: 3,
    sort: "duration",
    cell: ({ record }) => ({
      class: "number",
      content:
        record.kind === "close" ? (
          span(record.durationMs)
        ) : record.durationMs === 0 ? (
          <span class="muted">–</span>
        ) : (
          elapsed(record.durationMs)
        ),
      title: tookTitle(record),
    }),
  },
} as const satisfies Readonly<Record<string, TrafficColumn>>;

/** Of frames: an end is none, and was in the gateway for no time. */
export const inGateway: TrafficColumn = {
  ...sharedColumns.took,
  title: "In gateway",
  cell: (shown) => (shown.record.kind === "close" ? EMPTY_CELL : sharedColumns.took.cell(shown)),
};

/** Ids differ at their end: what is cut is their beginning. */
export function SessionId({ id }: { readonly id: string }) {
  const at = id.lastIndexOf("-");
  return (
    <span class="session-id">
      <span>{id.slice(0, Math.max(0, at))}</span>
      {id.slice(Math.max(0, at))}
    </span>
  );
}

/** Code and reason: `4001 banned`. */
export function CloseWords({ record }: { readonly record: CloseRecord }) {
  return (
    <>
      <span class={`badge ${closeTone(record)} number`}>{record.code}</span>
      {record.reason !== "" && ` ${toOneLine(record.reason)}`}
    </>
  );
}

function closeText({ code, reason }: CloseRecord): string {
  return reason === "" ? String(code) : `${code} ${toOneLine(reason)}`;
}

function tookTitle(record: TrafficRecord): string {
  if (record.kind === "close") return "How long the session was open";
  return record.kind === "frame" ? "In the gateway" : "From the request to its answer";
}

function hostOf({ record, facts }: ShownRecord): string {
  if (record.kind !== "upgrade" && record.kind !== "request") return facts?.host ?? "";
  return headerOf(record.request, "host") ?? "";
}

function clientOf({ record, facts }: ShownRecord): string {
  return "client" in record ? record.client : (facts?.client ?? "");
}

function serverOf({ record, facts }: ShownRecord): string {
  return "server" in record ? record.server : (facts?.server ?? "");
}

/** By the address alone: the port is of one connection. */
function termOfClient(client: string) {
  const value = client.replace(/:\d+$/, "");
  return value === "" ? undefined : { field: "client", value };
}
