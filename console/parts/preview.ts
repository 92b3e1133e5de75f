import type { PayloadView } from "../../core/traffic/records.ts";
import { readCloseFrame } from "./close-frame.ts";
import { toBytes } from "./payload-bytes.ts";
import { toOneLine } from "./visible-text.tsx";

const SHOWN_BASE64 = 128;

/** Of what stays the same before the first change so much is shown. */
const SHOWN_BEFORE = 10;

/** What a payload became, in one line, from where it differs. */
export function previewOfChange(before: PayloadView | null, after: PayloadView): string {
  const text = previewOf(after);
  const old = before === null ? "" : previewOf(before);
  let same = 0;
  while (same < text.length && text[same] === old[same]) same++;
  return same <= 2 * SHOWN_BEFORE ? text : `…${text.slice(same - SHOWN_BEFORE)}`;
}

/** A Close frame in one line: `1011 "internal error"`. */
export function previewOfClose(payload: PayloadView): string {
  const close = readCloseFrame(payload);
  if (close === undefined) return previewOf(payload);
  return close.reason === "" ? String(close.code) : `${close.code} "${toOneLine(close.reason)}"`;
}

/** A payload in one line: text as text, bytes as hex. */
export function previewOf(payload: PayloadView): string {
  if (payload.encoding === "text") return toOneLine(payload.data);
  const start = toBytes({ encoding: "base64", data: payload.data.slice(0, SHOWN_BASE64) });
  return [...start].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
}
