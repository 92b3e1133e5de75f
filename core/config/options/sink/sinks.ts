import { z } from "zod";
import type { ConfigProblem } from "../../errors.ts";
import { choice, section, text } from "../schema-parts.ts";
import { limitedDuration, size } from "../units.ts";
import type { TlsPlace } from "../upstream/upstream-tls.ts";
import { type ClickhouseTarget, clickhouseSinkSchema, resolveClickhouse } from "./clickhouse.ts";
import { type FilesTarget, filesSchema, resolveFiles } from "./files.ts";
import { type KafkaTarget, kafkaSchema, resolveKafka } from "./kafka.ts";
import { type OtlpTarget, otlpSchema, resolveOtlp } from "./otlp.ts";
import { type PostgresTarget, postgresSchema, resolvePostgres } from "./postgres.ts";

export const SINK_KINDS = ["upgrade", "request", "frame", "hook", "close"] as const;

/** Where records of traffic go. Plain JSON, without any secret's value. */
export interface SinkConfig {
  /** One of a kind among all sinks. */
  readonly name: string;
  readonly target: SinkTarget;
  /** Names of routes; absent: all. */
  readonly routes?: readonly string[];
  readonly kinds: readonly (typeof SINK_KINDS)[number][];
  readonly sample: number;
  readonly payloads: "redacted" | "none";
  readonly queueBytes: number;
  readonly everyMs: number;
  readonly timeoutMs: number;
}

export type SinkTarget = FilesTarget | PostgresTarget | OtlpTarget | ClickhouseTarget | KafkaTarget;

const ONE_TEXT = "one of files, postgres, otlp, clickhouse, kafka";
const SHARE_TEXT = "a number from 0 to 1";

const sinkSchema = section(
  "SinkInput",
  {
    files: filesSchema.optional().describe("Into files that rotate."),
    postgres: postgresSchema.optional().describe("Into a table of PostgreSQL."),
    otlp: otlpSchema.optional().describe("To a collector of OpenTelemetry, as log records."),
    clickhouse: clickhouseSinkSchema.optional().describe("Into a table of ClickHouse."),
    kafka: kafkaSchema.optional().describe("Into a topic of Kafka."),
    name: text("a name of letters, digits, _, . and -")
      .regex(/^[\w.-]{1,64}$/, { error: "a name of letters, digits, _, . and -" })
      .optional()
      .describe("What it is called in the log and the metrics. Default: what it is, such as `files`."),
    routes: z
      .array(text("the name of a route"), { error: "a list of names of routes" })
      .min(1, { error: "at least one route" })
      .optional()
      .describe("Names of the routes whose records it takes. Default: all, and what comes to no route."),
    kinds: z
      .array(choice(SINK_KINDS), { error: 'a list of kinds such as ["upgrade", "close"]' })
      .min(1, { error: "at least one kind" })
      .prefault([...SINK_KINDS])
      .describe("Which kinds of records it takes. Default: all."),
    sample: z
      .number({ error: SHARE_TEXT })
      .min(0, { error: SHARE_TEXT })
      .max(1, { error: SHARE_TEXT })
      .prefault(1)
      .describe("Share of the recorded sessions that it takes, from 0 to 1; each as a whole or not at all."),
    payloads: choice(["redacted", "none"])
      .prefault("redacted")
      .describe("What it gets of the messages: what is recorded of them after redaction, or nothing."),
    queue: size(64 * 1024, "64KiB")
      .prefault("16MiB")
      .describe("What may wait for it in memory; what comes beyond that is lost, and counted."),
    every: limitedDuration()
      .prefault("1s")
      .describe("How long a record waits for others to go with it, up to 1,000 or half a megabyte of them."),
    timeout: limitedDuration()
      .prefault("30s")
      .describe("Longest time until they are taken; then, and when it fails, they are sent again."),
  },
  'an object such as { files: { dir: "traffic" } }',
).superRefine((sink, context) => {
  if (targetsOf(sink).length !== 1)
    context.addIssue({ code: "custom", message: `an object with ${ONE_TEXT}, and only one` });
});

export const sinksSchema = z.array(sinkSchema, {
  error: 'a list such as [{ files: { dir: "traffic" } }]',
});

export interface SinksAround {
  readonly dir: string;
  readonly problems: ConfigProblem[];
}

export function resolveSinks(
  parsed: z.output<typeof sinksSchema>,
  { dir, problems }: SinksAround,
): readonly SinkConfig[] {
  const names = new Set<string>();
  return parsed.map((sink, index) => {
    const { routes, kinds, sample, payloads, queue, every, timeout } = sink;
    const target = targetsOf(sink)[0]?.({ dir, path: `sinks[${index}]`, problems }) as SinkTarget;
    const name = sink.name ?? target.type;
    if (names.has(name))
      problems.push({
        path: `sinks[${index}].name`,
        message: `expected a name that no other sink has, got "${name}": give one of them another \`name\``,
      });
    names.add(name);
    return {
      ...{ name, target, kinds, sample, payloads },
      ...(routes !== undefined && { routes }),
      ...{ queueBytes: queue, everyMs: every, timeoutMs: timeout },
    };
  });
}

type ParsedSink = z.output<typeof sinkSchema>;

/** By what resolves them. */
function targetsOf({
  files,
  postgres,
  otlp,
  clickhouse,
  kafka,
}: Pick<ParsedSink, SinkTarget["type"]>): readonly ((place: TlsPlace) => SinkTarget)[] {
  return [
    files && (({ dir }: TlsPlace) => resolveFiles(files, dir)),
    postgres &&
      ((place: TlsPlace) => resolvePostgres(postgres, { ...place, path: `${place.path}.postgres` })),
    otlp && (({ dir }: TlsPlace) => resolveOtlp(otlp, dir)),
    clickhouse && (({ dir }: TlsPlace) => resolveClickhouse(clickhouse, dir)),
    kafka && ((place: TlsPlace) => resolveKafka(kafka, { ...place, path: `${place.path}.kafka` })),
  ].filter((each) => each !== undefined);
}
