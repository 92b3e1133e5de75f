import type { GatewayEvent, SpanContext } from "../events.ts";
import { newId } from "../request/trace-context.ts";
import { type OtlpSpan, SPAN_KIND, STATUS_CODE, toAttributes, toNanoseconds } from "./otlp.ts";

type TracedMessage = Extract<GatewayEvent, { type: "message-traced" }>;

/** A message as a span below its session's, and below that one for each policy that was called. */
export function messageSpans(
  message: TracedMessage,
  { traceId, spanId: parentSpanId }: SpanContext,
  newSpanId: () => string = () => newId(8),
): readonly OtlpSpan[] {
  const { id, route, origin, sequence, time, durationMs, outcome, length, steps } = message;
  const spanId = newSpanId();
  const shared = { traceId, kind: SPAN_KIND.internal, events: [] };
  const span = {
    ...{ ...shared, spanId, parentSpanId, name: `${origin} message` },
    startTimeUnixNano: toNanoseconds(time),
    endTimeUnixNano: toNanoseconds(time + durationMs),
    attributes: toAttributes({
      "http.route": route,
      "framegate.session": id,
      "framegate.message.origin": origin,
      "framegate.message.sequence": sequence,
      "framegate.message.bytes": length,
      "framegate.message.outcome": outcome,
    }),
    status: outcome === "failed" ? { code: STATUS_CODE.error } : {},
  };
  const calls = steps.map(({ policy, version, action, afterMs, durationMs: tookMs, detail }) => ({
    ...{ ...shared, spanId: newSpanId(), parentSpanId: spanId, name: `policy ${policy}` },
    startTimeUnixNano: toNanoseconds(time + afterMs),
    endTimeUnixNano: toNanoseconds(time + afterMs + tookMs),
    attributes: toAttributes({
      "framegate.policy": policy,
      "framegate.policy.version": version,
      "framegate.hook": origin,
      "framegate.verdict": action,
      "framegate.verdict.detail": detail,
    }),
    status: action === "failed" ? { code: STATUS_CODE.error, message: detail } : {},
  }));
  return [span, ...calls];
}
