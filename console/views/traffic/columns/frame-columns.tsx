import type { FrameRecord, TrafficRecord } from "../../../../core/traffic/records.ts";
import { Marked } from "../../../parts/find/marked.tsx";
import { bytes } from "../../../parts/format.ts";
import { meaningOf } from "../../../parts/glossary.ts";
import { Icon } from "../../../parts/icon.tsx";
import { previewOf, previewOfClose } from "../../../parts/preview.ts";
import { CLOSE, closeTone, hookTone, hookWords, opcodeName, outcomeTone, policiesOf } from "../words.ts";
import { closeCell } from "./close-cell.tsx";
import { type ColumnCell, EMPTY_CELL, type TrafficColumn } from "./column.ts";
import { inGateway, sharedColumns } from "./shared-columns.tsx";

/** Of frames, of what policies said by themselves among them, and of ends. */
export const frameColumns: readonly TrafficColumn[] = [
  sharedColumns.time,
  {
    id: "from",
    title: "From",
    width: 78,
    isUsual: true,
    rank: 8,
    sort: "origin",
    cell: ({ record }) => originCell(record),
  },
  sharedColumns.session,
  sharedColumns.subject,
  sharedColumns.route,
  sharedColumns.node,
  sharedColumns.host,
  sharedColumns.client,
  sharedColumns.server,
  {
    id: "type",
    title: "Type",
    width: 60,
    isUsual: true,
    rank: 4,
    sort: "opcode",
    cell: ({ record }) => typeCell(record),
  },
  {
    id: "length",
    title: "Length",
    width: 66,
    isRight: true,
    isUsual: true,
    rank: 6,
    sort: "size",
    cell: ({ record }) => ({ content: lengthOf(record), class: "number" }),
  },
  inGateway,
  {
    id: "outcome",
    title: "Outcome",
    width: 78,
    isUsual: true,
    rank: 8,
    sort: "outcome",
    cell: ({ record }) => outcomeCell(record),
  },
  sharedColumns.close,
  {
    id: "payload",
    title: "Payload",
    width: 80,
    grows: 240,
    isUsual: true,
    rank: 9,
    cell: ({ record }) => payloadCell(record),
  },
];

function originCell(record: TrafficRecord): ColumnCell {
  if (record.kind === "frame") {
    const { origin, by } = record;
    const other = origin === "client" ? "server" : "client";
    return {
      class: `from-${origin}`,
      title: `From ${origin} to ${other}${by === undefined ? "" : ", sent by an operator"}`,
      content: (
        <>
          <Icon name={origin === "client" ? "up" : "arrowDown"} size={13} />
          <span>{by ?? origin}</span>
        </>
      ),
      term: by === undefined ? { field: "origin", value: origin } : { field: "by", value: by },
    };
  }
  if (record.kind === "hook") {
    return {
      class: "from-policy",
      title: hookWords(record),
      content: (
        <>
          <Icon name="policies" size={13} />
          <span>{record.policy}</span>
        </>
      ),
      term: { field: "policy", value: record.policy },
    };
  }
  if (record.kind !== "close") return EMPTY_CELL;
  return {
    content: (
      <>
        <Icon name="end" size={13} />
        <span>{record.initiator}</span>
      </>
    ),
    term: { field: "by", value: record.cause === "admin" ? "operator" : record.initiator },
  };
}

function typeCell(record: TrafficRecord): ColumnCell {
  if (record.kind === "hook") return { content: record.hook };
  if (record.kind !== "frame") return { content: "end" };
  const name = opcodeName(record.opcode);
  return {
    content: name,
    term: { field: "opcode", value: name === "continued" ? "continuation" : name },
  };
}

function lengthOf(record: TrafficRecord): string {
  if (record.kind === "frame") return bytes(record.length);
  if (record.kind !== "hook") return "";
  const sent = [...record.toClient, ...record.toServer];
  return sent.length === 0 ? "" : bytes(sent.reduce((sum, { length }) => sum + length, 0));
}

function outcomeCell(record: TrafficRecord): ColumnCell {
  if (record.kind === "close") {
    return {
      content: <span class={`badge ${closeTone(record)} number`}>{record.code}</span>,
      term: { field: "close", value: String(record.code) },
    };
  }
  if (record.kind !== "frame" && record.kind !== "hook") return EMPTY_CELL;
  const { outcome } = record;
  const tone = record.kind === "hook" ? hookTone(record.outcome) : outcomeTone(record.outcome);
  return {
    title: (record.kind === "frame" && policiesOf(record.steps)) || meaningOf(outcome),
    content:
      outcome === "spliced" || outcome === "passed" ? (
        <span class="muted">{outcome}</span>
      ) : (
        <span class={`badge ${tone}`}>{outcome}</span>
      ),
    term: { field: "outcome", value: outcome },
  };
}

function payloadCell(record: TrafficRecord): ColumnCell {
  switch (record.kind) {
    case "frame":
      return { class: "mono", content: <Marked text={preview(record)} /> };
    case "hook": {
      const [first] = [...record.toClient, ...record.toServer];
      return {
        class: "mono",
        content: <Marked text={first === undefined ? record.detail : previewOf(first)} />,
      };
    }
    case "close":
      return closeCell(record);
    case "upgrade":
    case "request":
      return EMPTY_CELL;
  }
}

function preview({ opcode, payload, length }: FrameRecord): string {
  if (payload === null) return length === 0 ? "" : "not kept";
  return opcode === CLOSE ? previewOfClose(payload) : previewOf(payload);
}
