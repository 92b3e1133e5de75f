import type { SinkConfig } from "../config/index.ts";
import type { SecretValues } from "../redaction/secret-values.ts";
import type { Sink } from "./sink.ts";

export interface SinkSurroundings {
  readonly secrets: SecretValues;
  /** The name of this gateway among others. */
  readonly node: string;
}

/** The sink that the config asks for. Its code, and the library that it needs, are loaded as it is opened first. */
export function openSink({ name, target }: SinkConfig, _around: SinkSurroundings): Sink {
  switch (target.type) {
    case "files":
      return loadLater(async () => {
        const { createFileSink } = await import("./files/file-sink.ts");
        return createFileSink({ ...target, name });
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
