import type { TracesConfig } from "../config/index.ts";
import type { Logger } from "../log.ts";
import type { RedactionRules } from "../redaction/rules.ts";
import { hideInSpan } from "./hidden-span.ts";
import type { OtlpSpan } from "./otlp.ts";
import { createSessionSpans, type SessionSpans } from "./session-spans.ts";
import { createSpanExporter, type SpanExporter, type SpanExporterOptions } from "./span-exporter.ts";

/** Sessions as spans, on their way to a collector. */
export interface Traces extends SessionSpans, Pick<SpanExporter, "close"> {}

export interface TracesOptions extends Pick<SpanExporterOptions, "count"> {
  readonly logger: Logger;
  /** What of them no collector gets. */
  readonly rules: Pick<RedactionRules, "redactUrl">;
  /** The chain of a route. */
  policiesOf(route: string): readonly string[];
}

export function createTraces(
  config: TracesConfig,
  { logger, rules, count, policiesOf }: TracesOptions,
): Traces {
  const exporter = createSpanExporter({
    config,
    count,
    onState(problem) {
      if (problem === undefined) logger.info("traces are taken again");
      else logger.warn(`traces are not taken by ${new URL(config.endpoint).host}: ${problem}`);
    },
  });
  const send = (span: OtlpSpan): void => exporter.add(hideInSpan(span, rules));
  const spans = createSessionSpans(send, policiesOf, (messages) => count("dropped", messages));
  return { observe: spans.observe, close: exporter.close };
}
