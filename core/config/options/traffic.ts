import { resolve } from "node:path";
import { z } from "zod";
import type { ConfigProblem } from "../errors.ts";
import { section, text, whole } from "./schema-parts.ts";
import type { PostgresTarget } from "./sink/postgres.ts";
import type { SinkConfig } from "./sink/sinks.ts";
import { longDuration, size } from "./units.ts";

export interface TrafficConfig {
  /** Absolute; absent: in memory. */
  readonly file?: string;
  /** Sinks take what is recorded, too; absent: nobody does. */
  readonly isForwarded?: true;
  /** Read from there, and kept nowhere else. */
  readonly readFrom?: PostgresTarget;
  readonly maxBytes: number;
  readonly maxRecords: number;
  /** 0: unlimited. */
  readonly maxAgeMs: number;
  /** The attributes that say who a session is of. */
  readonly subjects: readonly string[];
}

const SUBJECT_TEXT = "the name of an attribute, or a list of such names";

const attributeName = () => text(SUBJECT_TEXT);

export const trafficSchema = section(
  "TrafficInput",
  {
    file: text("the path of a file")
      .optional()
      .describe(
        "SQLite file that the records are kept in, so that they survive a restart, relative to the config file. Default: none, they are in memory.",
      ),
    readFrom: text("the name of a sink")
      .optional()
      .describe(
        "Name of a sink with `postgres`: the console, the API and exports read what all gateways have written there, and nothing is kept on this machine. Default: what this machine keeps.",
      ),
    maxSize: size(1024 ** 2, "1MiB")
      .prefault("64MiB")
      .describe("What all records together may take, in bytes or with a unit; the oldest make room."),
    maxRecords: whole(1000, 100_000_000, "a whole number from 1000 to 100000000")
      .prefault(200_000)
      .describe("How many records are kept; the oldest make room."),
    subject: z
      .union([attributeName(), z.array(attributeName()).min(1, { error: SUBJECT_TEXT })], {
        error: SUBJECT_TEXT,
      })
      .prefault(["user", "userId", "username", "sub", "subject", "email", "name"])
      .describe(
        "Attribute that says who a session is of, or several, of which the first counts that a session has: the column *Subject* of the console, and `subject:` of filters.",
      ),
    maxAge: longDuration().prefault("1h").describe("How long a record is kept; 0: as long as there is room."),
  },
  'an object such as { maxSize: "256MiB", file: "traffic.db" }',
);

export interface TrafficAround {
  readonly dir: string;
  readonly sinks: readonly SinkConfig[];
  readonly problems: ConfigProblem[];
}

export function resolveTraffic(
  { file, readFrom, maxSize, maxRecords, subject, maxAge }: z.output<typeof trafficSchema>,
  { dir, sinks, problems }: TrafficAround,
): TrafficConfig {
  const place = sinks.find(({ name }) => name === readFrom)?.target;
  if (readFrom !== undefined && place?.type !== "postgres")
    problems.push({
      path: "traffic.readFrom",
      message: `expected the name of one of sinks that has postgres, got "${readFrom}"`,
    });
  return {
    ...(sinks.length > 0 && { isForwarded: true }),
    ...(file !== undefined && { file: resolve(dir, file) }),
    ...(place?.type === "postgres" && { readFrom: place }),
    maxBytes: maxSize,
    maxRecords,
    maxAgeMs: maxAge,
    subjects: [subject].flat(),
  };
}
