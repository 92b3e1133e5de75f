import { isUtf8 } from "node:buffer";
import type { HeaderList, RedactionRules } from "../redaction/rules.ts";
import type { RawAnswer } from "./answer-log.ts";
import type { CapabilityLine } from "./format.ts";

/** The one door from what a policy was told to a file. */
export function redactAnswer(
  { time, policy, kind, ask, answer }: RawAnswer,
  rules: RedactionRules,
): CapabilityLine {
  const line = { type: "capability" as const, time, policy, kind, ask: rules.redactUrl(ask) };
  if ("error" in answer) {
    const { name, message } = answer.error;
    return { ...line, answer: { error: { name, message: rules.redactText(message) } } };
  }
  const { text, base64 } = answer;
  return {
    ...line,
    answer: {
      text: kind === "fetch" ? redactResponse(text, rules) : rules.redactText(text),
      ...(base64 !== undefined && { base64: redactBytes(base64, rules) }),
    },
  };
}

/** A `WireResponse`, made by the gateway itself. */
function redactResponse(text: string, rules: RedactionRules): string {
  const response = JSON.parse(text) as { readonly url: string; readonly headers: HeaderList };
  const { url, headers } = response;
  return JSON.stringify({ ...response, url: rules.redactUrl(url), headers: rules.redactHeaders(headers) });
}

function redactBytes(base64: string, rules: RedactionRules): string {
  const bytes = Buffer.from(base64, "base64");
  const encoding = isUtf8(bytes) ? "utf8" : "latin1";
  return Buffer.from(rules.redactText(bytes.toString(encoding)), encoding).toString("base64");
}
