import { hostname } from "node:os";
import type { OtlpTarget } from "../../config/index.ts";
import { readVersion } from "../../version.ts";
import { SinkError } from "../errors.ts";
import { loadPackage } from "../packages.ts";
import type { Sink } from "../sink.ts";
import { type OtlpLogRecord, toLogRecord } from "./log-record.ts";
import { type OtlpSerializer, postOtlp, readOtlpAnswer } from "./otlp-post.ts";

type LogsSerializer = OtlpSerializer<
  readonly OtlpLogRecord[],
  { readonly rejectedLogRecords?: number | string; readonly errorMessage?: string }
>;

/** What is used of the package. */
type Transformer = Readonly<Record<"ProtobufLogsSerializer" | "JsonLogsSerializer", LogsSerializer>>;

/** Log records for a collector, over HTTP. */
export function createOtlpSink(target: OtlpTarget): Sink {
  let serializer: LogsSerializer | undefined;
  const around = {
    resource: { attributes: { "service.name": target.service, "host.name": hostname() } },
    instrumentationScope: { name: "framegate", version: readVersion() },
  };

  return {
    async open() {
      const { ProtobufLogsSerializer, JsonLogsSerializer } = await loadPackage<Transformer>(
        "@opentelemetry/otlp-transformer",
      );
      serializer = target.format === "json" ? JsonLogsSerializer : ProtobufLogsSerializer;
    },
    async write(records, signal) {
      const body = serializer?.serializeRequest(records.map((record) => toLogRecord(record, around)));
      if (serializer === undefined || body === undefined)
        throw new SinkError("ERR_SINK_REFUSED", "the records cannot be written as OTLP");
      const answer = readOtlpAnswer(serializer, await postOtlp(target, body, signal));
      const { rejectedLogRecords = 0, errorMessage = "" } = answer ?? {};
      // 64 bits are text in JSON.
      const refused = Number(rejectedLogRecords);
      if (refused > 0)
        throw new SinkError("ERR_SINK_REFUSED", `${refused} of them are refused: ${errorMessage}`, {
          refused,
        });
    },
    close: async () => {},
  };
}
