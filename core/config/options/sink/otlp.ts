import { z } from "zod";
import { choice, section, text } from "../schema-parts.ts";
import { resolveSecret, type SecretSource, secretSchema, secretText } from "../secret-source.ts";

/** A collector of OpenTelemetry. */
export interface OtlpTarget {
  readonly type: "otlp";
  readonly endpoint: string;
  readonly headers: Readonly<Record<string, string | SecretSource>>;
  readonly format: "protobuf" | "json";
  readonly service: string;
}

const URL_TEXT = 'an http or https URL without a user, such as "http://127.0.0.1:4318/v1/logs"';

export function sinkUrl(error: string) {
  return z.url({ protocol: /^https?$/, error }).refine(
    (url) => {
      const { username, password } = new URL(url);
      return username === "" && password === "";
    },
    { error },
  );
}

/** Of logs and of metrics. */
export const otlpOptions = {
  headers: z
    .record(
      text("a header's name").regex(/^[\w-]+$/, { error: "a header's name" }),
      z.union([text("a header's value"), secretSchema], { error: 'a header\'s value, or { env: "NAME" }' }),
      { error: 'an object such as { "api-key": { env: "OTLP_KEY" } }' },
    )
    .prefault({})
    .describe("Headers of the requests to it; a value may be in a variable or a file. Default: none."),
  format: choice(["protobuf", "json"]).prefault("protobuf").describe("How they are written."),
  service: text("a name").prefault("framegate").describe("What the gateway is called there."),
};

export const otlpSchema = section(
  "OtlpSinkInput",
  {
    endpoint: secretText(sinkUrl(URL_TEXT), "http://127.0.0.1").describe(
      'URL that takes logs by OTLP over HTTP, with its path, such as "http://127.0.0.1:4318/v1/logs".',
    ),
    ...otlpOptions,
  },
  'an object such as { endpoint: "http://127.0.0.1:4318/v1/logs" }',
);

export function resolveOtlp({ headers, ...rest }: z.output<typeof otlpSchema>, dir: string): OtlpTarget {
  return { type: "otlp", ...rest, headers: resolveSecretHeaders(headers, dir) };
}

export function resolveSecretHeaders(
  headers: z.output<typeof otlpSchema>["headers"],
  dir: string,
): OtlpTarget["headers"] {
  const resolved = Object.entries(headers).map(
    ([name, value]) => [name, typeof value === "string" ? value : resolveSecret(value, dir)] as const,
  );
  return Object.fromEntries(resolved);
}
