import type { SinkConfig } from "../config/index.ts";
import type { Sink } from "./sink.ts";

/** The sink that the config asks for. Its code, and the library that it needs, are loaded as it is opened first. */
export function openSink({ name, target }: SinkConfig): Sink {
  switch (target.type) {
    case "files":
      return loadLater(async () => {
        const { createFileSink } = await import("./files/file-sink.ts");
        return createFileSink({ ...target, name });
      });
    case "postgres":
      return loadLater(async () => {
        const { createPostgresSink } = await import("./postgres/postgres-sink.ts");
        return createPostgresSink(target);
      });
    case "otlp":
      return loadLater(async () => {
        const { createOtlpSink } = await import("./otlp/otlp-sink.ts");
        return createOtlpSink(target);
      });
    case "clickhouse":
      return loadLater(async () => {
        const { createClickhouseSink } = await import("./clickhouse/clickhouse-sink.ts");
        return createClickhouseSink(target);
      });
    case "kafka":
      return loadLater(async () => {
        const { createKafkaSink } = await import("./kafka/kafka-sink.ts");
        return createKafkaSink(target);
      });
  }
}

function loadLater(load: () => Promise<Sink>): Sink {
  let loaded: Sink | undefined;
  return {
    async open(signal) {
      loaded ??= await load();
      await loaded.open(signal);
    },
    async write(records, signal) {
      await loaded?.write(records, signal);
    },
    async close() {
      await loaded?.close();
    },
  };
}
