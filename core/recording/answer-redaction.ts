import { isUtf8 } from "node:buffer";
import type { HeaderList, RedactionRules } from "../redaction/rules.ts";
import { REDACTED } from "../redaction/spans.ts";
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
      text: kind === "fetch" ? redactResponse(text, rules) : redactStored(text, ask, rules),
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

/**
 * What `kv` says is JSON, and a value in it a string that holds JSON, as the policy has written it. Numbers and the like
 * are counters, and whether something was done.
 */
function redactStored(text: string, ask: string, rules: RedactionRules): string {
  const stored: unknown = JSON.parse(text);
  if (typeof stored !== "string") return text;
  const secretName = secretPart(ask.slice(ask.indexOf(" ") + 1), rules);
  return JSON.stringify(
    secretName === undefined ? redactInner(stored, rules) : hideStored(stored, secretName, rules),
  );
}

/** Strings of JSON are looked into so many times over; what is deeper is hidden. */
const MAX_INNER = 4;

/** JSON that is a string is no more than its content: the rules would not know where a string begins in it. */
function redactInner(text: string, rules: RedactionRules, depth = 0): string {
  if (depth > MAX_INNER) return REDACTED;
  const value = text.trimStart().startsWith('"') ? parseJson(text) : undefined;
  return typeof value === "string"
    ? JSON.stringify(redactInner(value, rules, depth + 1))
    : rules.redactText(text);
}

/** As the value of a key of that name is hidden. */
function hideStored(text: string, name: string, rules: RedactionRules): string {
  const hidden = rules.redactAttributes({ [name]: parseJson(text) ?? text });
  return JSON.stringify(hidden[name] ?? REDACTED);
}

/** The part of a key that says that its value is a secret: `token` in `token:anna`. */
function secretPart(key: string, rules: RedactionRules): string | undefined {
  const parts = [key, ...key.split(/[^\w.-]+/), ...key.split(/[^\w-]+/)];
  return parts.find((part) => rules.isSecretKey(part));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** @returns as base64, too */
export function redactBytes(base64: string, rules: RedactionRules): string {
  const bytes = Buffer.from(base64, "base64");
  const encoding = isUtf8(bytes) ? "utf8" : "latin1";
  return Buffer.from(rules.redactText(bytes.toString(encoding)), encoding).toString("base64");
}
