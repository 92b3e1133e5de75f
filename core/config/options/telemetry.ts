import { z } from "zod";
import { section, text } from "./schema-parts.ts";

export interface TelemetryInput {
  /** Where traces go, one span a session. Default: nowhere. */
  readonly traces?: TracesInput;
}

export interface TracesInput {
  /** URL that takes OTLP over HTTP as JSON, with its path, such as "http://127.0.0.1:4318/v1/traces". */
  readonly endpoint: string;
  /** Headers of the requests to it, such as its key. Default: none. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Share of the sessions that are traced, from 0 to 1. A client's `traceparent` says it for its own. Default: 1. */
  readonly sample?: number;
  /** What the gateway is called in the traces. Default: "framegate". */
  readonly service?: string;
}

/** As it is written; absent: no traces. */
export type TracesConfig = Required<TracesInput>;

const share = "a number from 0 to 1";

export const telemetrySchema = section(
  {
    traces: section(
      {
        endpoint: z
          .url({
            protocol: /^https?$/,
            error: 'an http or https URL such as "http://127.0.0.1:4318/v1/traces"',
          })
          .describe(
            'URL that takes OTLP over HTTP as JSON, with its path, such as "http://127.0.0.1:4318/v1/traces".',
          ),
        headers: z
          .record(text("a header's name"), z.string({ error: "a header's value" }), {
            error: 'an object such as { "api-key": "…" }',
          })
          .prefault({})
          .describe("Headers of the requests to it, such as its key. Default: none."),
        sample: z
          .number({ error: share })
          .min(0, { error: share })
          .max(1, { error: share })
          .prefault(1)
          .describe(
            "Share of the sessions that are traced, from 0 to 1. A client's `traceparent` says it for its own. Default: 1.",
          ),
        service: text("a name")
          .prefault("framegate")
          .describe('What the gateway is called in the traces. Default: "framegate".'),
      },
      'an object such as { endpoint: "http://127.0.0.1:4318/v1/traces" }',
    )
      .optional()
      .describe("Where traces go, one span a session. Default: nowhere."),
  },
  "an object such as { traces: { … } }",
);
