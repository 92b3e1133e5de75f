import { randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import type { SinkConfig } from "../config/index.ts";
import type { Logger } from "../log.ts";
import type { RedactionRules } from "../redaction/rules.ts";
import type { Batch } from "../traffic/batch/batch.ts";
import type { TrafficRecord } from "../traffic/records.ts";
import { createBatchReading } from "./batch-reading.ts";
import { createSinkRunner, type RecordLoss, type SinkRunner } from "./delivery/runner.ts";
import { openSink } from "./open-sink.ts";
import { compileSelection, withoutPayloads } from "./selection.ts";
import type { SinkRecord } from "./sink.ts";

/** Brings recorded traffic to where people look for it. Nothing waits for it; what is lost is counted. */
export interface Sinks {
  /** The `store` batches; others are not meant to leave. */
  take(batch: Batch): void;
  /** These and no others, from now on. One that is as it was keeps what it has not written yet. */
  update(configs: readonly SinkConfig[]): void;
  stats(): readonly SinkStats[];
  /** Writes what waits, within a bound. */
  close(): Promise<void>;
}

export interface SinkStats {
  readonly sink: string;
  readonly queuedBytes: number;
  /** Why it takes nothing at the moment; empty when it does. */
  readonly problem: string;
}

export interface SinksOptions {
  readonly logger: Logger;
  readonly rules: RedactionRules;
  /** The name of this gateway among others. */
  readonly node: string;
  countWritten(sink: string, records: number): void;
  countLost(sink: string, reason: RecordLoss, records: number): void;
}

interface OpenSink {
  readonly config: SinkConfig;
  readonly runner: SinkRunner;
  takes(record: TrafficRecord): boolean;
}

/** For what workers have recorded last. */
const READ_TIMEOUT_MS = 5000;

export function createSinks(options: SinksOptions): Sinks {
  const { logger, rules, node, countWritten, countLost } = options;
  const run = randomBytes(5).toString("hex");
  let seq = 0;
  let sinks: readonly OpenSink[] = [];
  const reading = createBatchReading({
    rules,
    onRecord,
    onLost(records) {
      for (const { config } of sinks) countLost(config.name, "busy", records);
    },
  });
  /** By name: the next one of a name begins when the last one has ended. */
  const closing = new Map<string, Promise<void>>();

  return {
    take(batch) {
      if (sinks.length > 0 && batch.purpose === "store" && batch.records > 0) reading.add(batch);
    },
    update(configs) {
      const before = sinks;
      const findSame = (config: SinkConfig) => before.find((sink) => isDeepStrictEqual(sink.config, config));
      const staying = configs.map(findSame);
      for (const sink of before) if (!staying.includes(sink)) close(sink);
      sinks = configs.map((config, index) => staying[index] ?? open(config));
    },
    stats: () =>
      sinks.map(({ config: { name }, runner: { queuedBytes, problem } }) => ({
        ...{ sink: name, queuedBytes, problem },
      })),
    async close() {
      // Of a flood, reading the rest may take longer than a stop should.
      await Promise.race([reading.done(), delay(READ_TIMEOUT_MS, undefined, { ref: false })]);
      await Promise.all([...sinks.map(({ runner }) => runner.close()), ...closing.values()]);
    },
  };

  function close({ config: { name }, runner }: OpenSink): void {
    const closed = Promise.all([runner.close(), closing.get(name)]).then(() => {
      if (closing.get(name) === closed) closing.delete(name);
    });
    closing.set(name, closed);
  }

  function open(config: SinkConfig): OpenSink {
    const { name, queueBytes, everyMs, timeoutMs } = config;
    const runner = createSinkRunner({
      ...{ queueBytes, everyMs, timeoutMs },
      sink: openSink(config, closing.get(name)),
      countWritten: (records) => countWritten(name, records),
      countLost: (reason, records) => countLost(name, reason, records),
      onState(problem) {
        if (problem === undefined) logger.info({ sink: name }, "the sink takes records of traffic again");
        else
          logger.warn(
            { sink: name, problem },
            "the sink takes no records of traffic: they wait, as many as its queue holds, and it is tried again",
          );
      },
      onRefused: (problem, count) =>
        logger.error({ sink: name, problem, count }, "the sink will never take these records of traffic"),
    });
    return { config, runner, takes: compileSelection(config) };
  }

  function onRecord(record: TrafficRecord): void {
    const { time, kind, session, route } = record;
    const place = { node, run, seq: ++seq, time, kind, session, route };
    const write = (shown: TrafficRecord): SinkRecord => ({
      ...place,
      json: toLine({ ...place, ...shown, ...place }),
    });
    const written: Partial<Record<SinkConfig["payloads"], SinkRecord>> = {};
    for (const { config, takes, runner } of sinks) {
      if (!takes(record)) continue;
      const { payloads } = config;
      written[payloads] ??= write(payloads === "none" ? withoutPayloads(record) : record);
      runner.add(written[payloads]);
    }
  }
}

/**
 * JSON that every database takes: without zero characters and halves of surrogate pairs, which JSON has escapes for. What
 * is before them may be an escaped backslash.
 */
function toLine(record: object): string {
  const json = JSON.stringify(record);
  return json.includes("\\u")
    ? json.replaceAll(/\\(?:\\|u0000|ud[89a-f][0-9a-f]{2})/g, (found) =>
        found === "\\\\" ? found : "\ufffd",
      )
    : json;
}
