import type { RedactionRules } from "../redaction/rules.ts";
import type { OtlpAttribute, OtlpSpan } from "./otlp.ts";

/** A span without what must not be shown: peers and policies have a word in most of its texts. */
export function hideInSpan(span: OtlpSpan, rules: Pick<RedactionRules, "redactUrl">): OtlpSpan {
  const { attributes, events, status } = span;
  return {
    ...span,
    attributes: attributes.map(hide),
    events: events.map((event) => ({ ...event, attributes: event.attributes.map(hide) })),
    status: { ...status, ...(status.message !== undefined && { message: rules.redactUrl(status.message) }) },
  };

  function hide({ key, value }: OtlpAttribute): OtlpAttribute {
    return { key, value: hideInValue(value) };
  }

  function hideInValue(value: OtlpAttribute["value"]): OtlpAttribute["value"] {
    if ("stringValue" in value) return { stringValue: rules.redactUrl(value.stringValue) };
    if ("arrayValue" in value) return { arrayValue: { values: value.arrayValue.values.map(hideInValue) } };
    return value;
  }
}
