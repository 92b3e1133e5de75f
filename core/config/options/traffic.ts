import { resolve } from "node:path";
import type { z } from "zod";
import { section, text, whole } from "./schema-parts.ts";
import { longDuration, size } from "./units.ts";

export interface TrafficConfig {
  /** Absolute; absent: in memory. */
  readonly file?: string;
  /** Sinks take what is recorded, too; absent: nobody does. */
  readonly isForwarded?: true;
  readonly maxBytes: number;
  readonly maxRecords: number;
  /** 0: unlimited. */
  readonly maxAgeMs: number;
}

export const trafficSchema = section(
  "TrafficInput",
  {
    file: text("the path of a file")
      .optional()
      .describe(
        "SQLite file that the records are kept in, so that they survive a restart, relative to the config file. Default: none, they are in memory.",
      ),
    maxSize: size(1024 ** 2, "1MiB")
      .prefault("64MiB")
      .describe("What all records together may take, in bytes or with a unit; the oldest make room."),
    maxRecords: whole(1000, 100_000_000, "a whole number from 1000 to 100000000")
      .prefault(200_000)
      .describe("How many records are kept; the oldest make room."),
    maxAge: longDuration().prefault("1h").describe("How long a record is kept; 0: as long as there is room."),
  },
  'an object such as { maxSize: "256MiB", file: "traffic.db" }',
);

export function resolveTraffic(
  { file, maxSize, maxRecords, maxAge }: z.output<typeof trafficSchema>,
  dir: string,
  isForwarded: boolean,
): TrafficConfig {
  return {
    ...(isForwarded && { isForwarded }),
    ...(file !== undefined && { file: resolve(dir, file) }),
    maxBytes: maxSize,
    maxRecords,
    maxAgeMs: maxAge,
  };
}
