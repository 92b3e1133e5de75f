import type { SinkConfig } from "../config/index.ts";
import type { Sink } from "./sink.ts";

/**
 * The sink that the config asks for. Its code, and the library that it needs, are loaded as it is opened first.
 *
 * @param before what had its name until now is closed when this settles: two would write over each other
 */
export function openSink(config: SinkConfig, before?: Promise<void>): Sink {
  let loaded: Sink | undefined;
  return {
    async open(signal) {
      await before;
      // One that was given up meanwhile is opened by nobody.
      signal.throwIfAborted();
      loaded ??= await load(config);
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

async function load({ name, target }: SinkConfig): Promise<Sink> {
  switch (target.type) {
    case "files": {
      const { createFileSink } = await import("./files/file-sink.ts");
      return createFileSink({ ...target, name });
    }
    case "postgres": {
      const { createPostgresSink } = await import("./postgres/postgres-sink.ts");
      return createPostgresSink(target);
    }
    case "otlp": {
      const { createOtlpSink } = await import("./otlp/otlp-sink.ts");
      return createOtlpSink(target);
    }
    case "clickhouse": {
      const { createClickhouseSink } = await import("./clickhouse/clickhouse-sink.ts");
      return createClickhouseSink(target);
    }
    case "kafka": {
      const { createKafkaSink } = await import("./kafka/kafka-sink.ts");
      return createKafkaSink(target);
    }
  }
}
