import { redactBytes } from "../recording/answer-redaction.ts";
import type { RedactionRules } from "../redaction/rules.ts";
import { diffJson, type ValueChange } from "../verdicts/json-diff.ts";
import type { VerdictView } from "../verdicts/verdict-view.ts";
import type { ShadowSample } from "./shadow-report.ts";

/** A sample as it may be shown, with what differs in what is left. */
export interface ShownSample extends ShadowSample {
  readonly changes: readonly ValueChange[];
}

type Json = Readonly<Record<string, unknown>>;

/** The one door between what was sampled and whoever reads it. */
export function redactSample(sample: ShadowSample, rules: RedactionRules): ShownSample {
  const [real, shadow] = [redactVerdict(sample.real, rules), redactVerdict(sample.shadow, rules)];
  const input = redactBody(sample.input, rules);
  return { ...sample, input, real, shadow, changes: diffJson(real, shadow) };
}

function redactVerdict(verdict: VerdictView, rules: RedactionRules): VerdictView {
  return Object.fromEntries(
    Object.entries(verdict).map(([part, value]) => [part, redactPart(part, value, rules)]),
  );
}

function redactPart(part: string, value: unknown, rules: RedactionRules): unknown {
  switch (part) {
    case "message":
      return redactBody(value, rules);
    case "reply":
    case "append":
    case "toClient":
    case "toServer":
      return Array.isArray(value) ? value.map((body) => redactBody(body, rules)) : value;
    case "attributes":
      return isRecord(value) ? rules.redactAttributes(value) : value;
    case "headers":
    case "responseHeaders":
      return isRecord(value) ? redactHeaders(value, rules) : value;
    case "connect":
      return typeof value === "string" ? rules.redactUrl(value) : value;
    case "renewal":
    case "reject":
      return isRecord(value) ? redactVerdict(value, rules) : value;
    default:
      return redactAll(value, rules);
  }
}

/** As `viewBody` shows it. */
function redactBody(body: unknown, rules: RedactionRules): unknown {
  if (!isRecord(body)) return body;
  if (typeof body.text === "string") return { text: rules.redactText(body.text) };
  if (typeof body.base64 === "string") return { base64: redactBytes(body.base64, rules) };
  if (!("json" in body)) return body;
  const text = rules.redactText(JSON.stringify(body.json));
  try {
    return { ...body, json: JSON.parse(text) };
  } catch {
    // A pattern took quotes or braces along.
    return { text };
  }
}

/** A list sets, null removes. */
function redactHeaders(headers: Json, rules: RedactionRules): Json {
  const redact = (name: string, values: unknown) =>
    Array.isArray(values) ? values.map((value) => rules.redactHeader(name, String(value))) : values;
  return Object.fromEntries(Object.entries(headers).map(([name, values]) => [name, redact(name, values)]));
}

function redactAll(value: unknown, rules: RedactionRules): unknown {
  if (typeof value === "string") return rules.redactText(value);
  if (Array.isArray(value)) return value.map((each) => redactAll(each, rules));
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, redactAll(member, rules)]));
}

function isRecord(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
