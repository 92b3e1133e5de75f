import { isUtf8 } from "node:buffer";
import type { RedactionRules } from "../redaction/rules.ts";
import { replaceSpans } from "../redaction/spans.ts";
import type { RawPayload } from "./batch/raw-record.ts";
import type { PayloadView } from "./records.ts";

/** A payload as it may be shown: text where it is text, else base64, the secrets in either replaced. */
export function viewPayload(payload: RawPayload, rules: RedactionRules): PayloadView {
  const { bytes, kind, length, isCut, before } = payload;
  if (kind === "unreadable") return { encoding: "base64", data: "", length, isCut: true, redactions: 0 };
  // A secret that began in a part that is not there could end in this one: nobody can say that it does not.
  if (before === undefined && rules.hasPayloadRules)
    return { encoding: "base64", data: "", length, isCut: true, redactions: 1 };
  const context = before ?? Buffer.alloc(0);
  const text = kind === "text" ? readText(bytes, context.length > 0) : undefined;
  if (text !== undefined) {
    const { shown, redactions } = hide(context.toString("utf8"), text, rules);
    return { encoding: "text", data: shown, length, isCut, redactions };
  }
  // Texts in bytes are looked through too; latin1 makes a character of each byte, and of each character a byte again.
  const encoding = isUtf8(bytes) && isUtf8(context) ? "utf8" : "latin1";
  const { shown, redactions } = hide(context.toString(encoding), bytes.toString(encoding), rules);
  const data = redactions === 0 ? bytes : Buffer.from(shown, encoding);
  return { encoding: "base64", data: data.toString("base64"), length, isCut, redactions };
}

function hide(context: string, text: string, rules: RedactionRules): { shown: string; redactions: number } {
  const whole = context + text;
  const spans = rules.findSecrets(whole).filter(({ end }) => end > context.length);
  return { shown: replaceSpans(whole, spans, context.length), redactions: spans.length };
}

/** @returns undefined for what is no UTF-8, a character that is cut at the end (of a fragment, at the begin) aside */
function readText(bytes: Buffer, isFragment: boolean): string | undefined {
  if (isUtf8(bytes)) return bytes.toString("utf8");
  let start = 0;
  while (isFragment && start < Math.min(3, bytes.length) && (bytes[start]! & 0xc0) === 0x80) start++;
  if (isUtf8(bytes.subarray(start))) return bytes.toString("utf8", start);
  // Back to the first byte of the last character, which is cut.
  let end = bytes.length - 1;
  while (end > start && end > bytes.length - 3 && (bytes[end]! & 0xc0) === 0x80) end--;
  const whole = bytes.subarray(start, end);
  return isUtf8(whole) ? whole.toString("utf8") : undefined;
}
