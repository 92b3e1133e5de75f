import type { TrafficRecord } from "../../../../core/traffic/records.ts";
import { Marked } from "../../../parts/find/marked.tsx";
import { bytes } from "../../../parts/format.ts";
import { toOneLine } from "../../../parts/visible-text.tsx";
import { headerOf, redirectOf } from "../answer-headers.ts";
import { closeTone, statusTone } from "../words.ts";
import { closeCell } from "./close-cell.tsx";
import { type ColumnCell, EMPTY_CELL, type TrafficColumn, textCell } from "./column.ts";
import { sharedColumns } from "./shared-columns.tsx";

/** Of upgrades, plain requests and ends. */
export const requestColumns: readonly TrafficColumn[] = [
  sharedColumns.time,
  {
    id: "status",
    title: "Status",
    width: 52,
    isUsual: true,
    rank: 9,
    sort: "status",
    cell: ({ record }) => statusCell(record),
  },
  {
    id: "method",
    title: "What",
    width: 62,
    isUsual: true,
    rank: 7,
    sort: "kind",
    cell: ({ record }) => whatCell(record),
  },
  {
    id: "path",
    title: "Path",
    width: 110,
    grows: 240,
    isUsual: true,
    rank: 9,
    sort: "path",
    cell: ({ record }) => pathCell(record),
  },
  { ...sharedColumns.session, isUsual: false },
  sharedColumns.subject,
  sharedColumns.route,
  sharedColumns.node,
  { ...sharedColumns.host, isUsual: true },
  { ...sharedColumns.client, isUsual: true },
  { ...sharedColumns.server, isUsual: true, rank: 4 },
  {
    id: "type",
    title: "Type",
    width: 104,
    isUsual: true,
    rank: 3,
    cell: ({ record }) => typeCell(record),
  },
  {
    id: "size",
    title: "Size",
    width: 74,
    isRight: true,
    isUsual: false,
    rank: 3,
    sort: "size",
    cell: ({ record }) => sizeCell(record),
  },
  {
    id: "policies",
    title: "Policies",
    width: 100,
    isUsual: true,
    rank: 2,
    cell: ({ record }) => policiesCell(record),
  },
  sharedColumns.close,
  { ...sharedColumns.took, rank: 7 },
];

function statusCell(record: TrafficRecord): ColumnCell {
  if (record.kind === "close") {
    return {
      content: <span class={`badge ${closeTone(record)} number`}>{record.code}</span>,
      term: { field: "close", value: String(record.code) },
    };
  }
  if (record.kind !== "upgrade" && record.kind !== "request") return EMPTY_CELL;
  const { status, code } = record;
  return {
    title: code,
    content: <span class={`badge ${statusTone(status)} number`}>{status}</span>,
    term: { field: "status", value: String(status) },
  };
}

function whatCell(record: TrafficRecord): ColumnCell {
  const term = { field: "kind", value: record.kind };
  if (record.kind === "upgrade") return { content: "Upgrade", term };
  if (record.kind === "close") return { content: "Close", term };
  return record.kind === "request"
    ? { content: record.method, title: "A plain request", term: { field: "method", value: record.method } }
    : EMPTY_CELL;
}

function pathCell(record: TrafficRecord): ColumnCell {
  if (record.kind === "close") {
    return closeCell(record);
  }
  if (record.kind !== "upgrade" && record.kind !== "request") return EMPTY_CELL;
  const { path, code } = record;
  const redirect = redirectOf(record);
  return {
    class: "mono",
    title: code !== "" ? code : redirect === undefined ? path : `${path} → ${redirect}`,
    content: (
      <>
        <Marked text={toOneLine(path)} />
        {code !== "" && <span class="muted"> {code}</span>}
        {code === "" && redirect !== undefined && <span class="muted"> → {toOneLine(redirect)}</span>}
      </>
    ),
    term:
      code === "" ? { field: "path", value: path.replace(/\?.*/, "") } : { field: "refusal", value: code },
  };
}

/** What the client got, without its parameters: `application/json`. */
function typeCell(record: TrafficRecord): ColumnCell {
  if (record.kind !== "upgrade" && record.kind !== "request") return EMPTY_CELL;
  const value = (headerOf(record.response, "content-type") ?? "").replace(/\s*;.*/, "");
  return textCell("header.content-type", value);
}

function sizeCell(record: TrafficRecord): ColumnCell {
  if (record.kind !== "request") return EMPTY_CELL;
  const { requestBytes, responseBytes } = record;
  return {
    class: "number",
    content: bytes(responseBytes),
    title: `The answer's body; that of the request has ${bytes(requestBytes)}`,
  };
}

function policiesCell(record: TrafficRecord): ColumnCell {
  const names =
    record.kind === "close" || record.kind === "hook"
      ? [record.policy].filter((name) => name !== "")
      : record.steps.map(({ policy }) => policy);
  const [first] = names;
  return {
    content: names.join(", "),
    title: names.join(", "),
    ...(first !== undefined && { term: { field: "policy", value: first } }),
  };
}
