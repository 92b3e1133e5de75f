import type { PayloadView } from "../../core/traffic/records.ts";
import { toBytes } from "./payload-bytes.ts";
import { toOneLine } from "./visible-text.tsx";

const shownBase64 = 128;

/** A payload in one line: text as text, bytes as hex. */
export function previewOf(payload: PayloadView): string {
  if (payload.encoding === "text") return toOneLine(payload.data);
  const start = toBytes({ encoding: "base64", data: payload.data.slice(0, shownBase64) });
  return [...start].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
}
