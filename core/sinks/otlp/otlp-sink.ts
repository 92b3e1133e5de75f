import { hostname } from "node:os";
import type { OtlpTarget } from "../../config/index.ts";
import { readSecret } from "../../secrets.ts";
import { readVersion } from "../../version.ts";
import { SinkError } from "../errors.ts";
import { postToSink } from "../http-post.ts";
import { loadPackage } from "../packages.ts";
import type { Sink } from "../sink.ts";
import { type OtlpLogRecord, toLogRecord } from "./log-record.ts";

interface Serializer {
  serializeRequest(records: readonly OtlpLogRecord[]): Uint8Array<ArrayBuffer> | undefined;
  deserializeResponse(bytes: Uint8Array): {
    readonly partialSuccess?: { readonly rejectedLogRecords?: number; readonly errorMessage?: string };
  };
}

/** What is used of the package. */
interface Transformer {
  readonly ProtobufLogsSerializer: Serializer;
  readonly JsonLogsSerializer: Serializer;
}

/** The statuses that OTLP/HTTP says are worth another try; credentials may come to be right. */
const RETRIED: ReadonlySet<number> = new Set([401, 403, 404, 429, 500, 502, 503, 504]);

/** Log records for a collector, over HTTP. */
export function createOtlpSink({ endpoint, headers, format, service }: OtlpTarget): Sink {
  let serializer: Serializer | undefined;
  let sent: Readonly<Record<string, string>> = {};
  const around = {
    resource: { attributes: { "service.name": service, "host.name": hostname() } },
    instrumentationScope: { name: "framegate", version: readVersion() },
  };

  return {
    async open() {
      const { ProtobufLogsSerializer, JsonLogsSerializer } = await loadPackage<Transformer>(
        "@opentelemetry/otlp-transformer",
      );
      serializer = format === "json" ? JsonLogsSerializer : ProtobufLogsSerializer;
      sent = {
        ...readHeaders(headers),
        "Content-Type": format === "json" ? "application/json" : "application/x-protobuf",
      };
    },
    async write(records, signal) {
      const body = serializer?.serializeRequest(records.map((record) => toLogRecord(record, around)));
      if (serializer === undefined || body === undefined)
        throw new SinkError("ERR_SINK_REFUSED", "the records cannot be written as OTLP");
      const answer = await postToSink({ url: endpoint, headers: sent, body, signal, judge });
      const { rejectedLogRecords = 0, errorMessage = "" } = readAnswer(serializer, answer) ?? {};
      if (rejectedLogRecords > 0)
        throw new SinkError("ERR_SINK_REFUSED", `${rejectedLogRecords} of them are refused: ${errorMessage}`);
    },
    close: async () => {},
  };
}

function judge(status: number, text: string) {
  return {
    isRefused: !RETRIED.has(status),
    problem: `it answered ${status}${text === "" ? "" : `: ${text}`}`,
  };
}

/** @returns undefined for what is no answer of OTLP: that they were taken is said by the status */
function readAnswer(serializer: Serializer, bytes: Uint8Array) {
  try {
    return bytes.length === 0 ? undefined : serializer.deserializeResponse(bytes).partialSuccess;
  } catch {
    return undefined;
  }
}

function readHeaders(headers: OtlpTarget["headers"]): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      typeof value === "string" ? value : readSecret(value),
    ]),
  );
}
