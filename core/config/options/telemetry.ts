import { z } from "zod";
import { section, text } from "./schema-parts.ts";
import { secretText } from "./secret-source.ts";
import { type OtlpTarget, otlpOptions, resolveSecretHeaders, sinkUrl } from "./sink/otlp.ts";
import { limitedDuration } from "./units.ts";

const METRICS_TEXT = 'an http or https URL without a user, such as "http://127.0.0.1:4318/v1/metrics"';
const SHARE_TEXT = "a number from 0 to 1";

export const telemetrySchema = section(
  "TelemetryInput",
  {
    traces: section(
      "TracesInput",
      {
        endpoint: secretText(
          z.url({
            protocol: /^https?$/,
            error: 'an http or https URL such as "http://127.0.0.1:4318/v1/traces"',
          }),
          "http://127.0.0.1",
        ).describe(
          'URL that takes OTLP over HTTP as JSON, with its path, such as "http://127.0.0.1:4318/v1/traces".',
        ),
        headers: z
          .record(text("a header's name"), secretText(z.string({ error: "a header's value" }), "secret"), {
            error: 'an object such as { "api-key": "…" }',
          })
          .prefault({})
          .describe(
            "Headers of the requests to it, such as its key; a value may be in a variable or a file. Default: none.",
          ),
        sample: z
          .number({ error: SHARE_TEXT })
          .min(0, { error: SHARE_TEXT })
          .max(1, { error: SHARE_TEXT })
          .prefault(1)
          .describe(
            "Share of the sessions that are traced, from 0 to 1. A client's `traceparent` says it for its own.",
          ),
        messages: z
          .number({ error: SHARE_TEXT })
          .min(0, { error: SHARE_TEXT })
          .max(1, { error: SHARE_TEXT })
          .prefault(0)
          .describe(
            "Share of the messages of these sessions that have spans of their own where policies see them, from 0 to 1; at most 200 a second and worker.",
          ),
        service: text("a name").prefault("framegate").describe("What the gateway is called in the traces."),
      },
      'an object such as { endpoint: "http://127.0.0.1:4318/v1/traces" }',
    )
      .optional()
      .describe("Where traces go, one span a session. Default: nowhere."),
    metrics: section(
      "PushedMetricsInput",
      {
        endpoint: secretText(sinkUrl(METRICS_TEXT), "http://127.0.0.1").describe(
          'URL that takes metrics by OTLP over HTTP, with its path, such as "http://127.0.0.1:4318/v1/metrics".',
        ),
        ...otlpOptions,
        every: limitedDuration().prefault("60s").describe("How often they are sent."),
      },
      'an object such as { endpoint: "http://127.0.0.1:4318/v1/metrics" }',
    )
      .optional()
      .describe("Where the numbers of `/metrics` are sent. Default: nowhere, they can be asked for."),
  },
  "an object such as { traces: { … } }",
);

/** As it is written; absent: no traces. */
export type TracesConfig = NonNullable<z.output<typeof telemetrySchema>["traces"]>;

export interface PushedMetricsConfig extends Omit<OtlpTarget, "type"> {
  readonly everyMs: number;
}

export function resolvePushedMetrics(
  { headers, every, ...rest }: NonNullable<z.output<typeof telemetrySchema>["metrics"]>,
  dir: string,
): PushedMetricsConfig {
  return { ...rest, headers: resolveSecretHeaders(headers, dir), everyMs: every };
}
