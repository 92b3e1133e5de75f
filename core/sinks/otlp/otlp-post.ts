import { type OtlpTarget, readSecret } from "../../config/index.ts";
import { postToSink } from "../http-post.ts";

/** What is used of the serializers of `@opentelemetry/otlp-transformer`. */
export interface OtlpSerializer<Request, Answer> {
  serializeRequest(request: Request): Uint8Array<ArrayBuffer> | undefined;
  deserializeResponse(bytes: Uint8Array): { readonly partialSuccess?: Answer };
}

export type OtlpPlace = Pick<OtlpTarget, "endpoint" | "headers" | "format">;

/** The statuses that OTLP/HTTP says are worth another try; credentials may come to be right. */
const RETRIED: ReadonlySet<number> = new Set([401, 403, 404, 429, 500, 502, 503, 504]);

/**
 * Values of headers are read anew: they may have been changed.
 *
 * @throws SinkError
 */
export function postOtlp(
  { endpoint, headers, format }: OtlpPlace,
  body: Uint8Array<ArrayBuffer>,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const own = Object.entries(headers).map(
    ([name, value]) => [name, typeof value === "string" ? value : readSecret(value)] as const,
  );
  return postToSink({
    url: endpoint,
    headers: {
      ...Object.fromEntries(own),
      "Content-Type": format === "json" ? "application/json" : "application/x-protobuf",
    },
    ...{ body, signal, judge },
  });
}

/** What a collector that took them says of them; undefined for what is no answer of OTLP. */
export function readOtlpAnswer<Answer>(
  serializer: OtlpSerializer<never, Answer>,
  bytes: Uint8Array,
): Answer | undefined {
  try {
    return bytes.length === 0 ? undefined : serializer.deserializeResponse(bytes).partialSuccess;
  } catch {
    return undefined;
  }
}

function judge(status: number, text: string) {
  return {
    isRefused: !RETRIED.has(status),
    problem: `it answered ${status}${text === "" ? "" : `: ${text}`}`,
  };
}
