import type { SinkStats } from "../sinks/sinks.ts";
import { Counter, Gauge, type MetricSet } from "./metric-set.ts";

export interface SinkMetrics {
  countWritten(sink: string, records: number): void;
  countLost(sink: string, reason: string, records: number): void;
  /** Of the sinks that there are now. */
  show(sinks: readonly SinkStats[]): void;
}

export function createSinkMetrics(registers: readonly MetricSet[]): SinkMetrics {
  const written = new Counter({
    name: "framegate_sink_records_total",
    help: "Records of traffic that a sink has taken.",
    labelNames: ["sink"],
    registers,
  });
  const lost = new Counter({
    name: "framegate_sink_records_lost_total",
    help: "Records of traffic that a sink did not get.",
    labelNames: ["sink", "reason"],
    registers,
  });
  const queued = new Gauge({
    name: "framegate_sink_queue_bytes",
    help: "What waits for a sink in memory.",
    labelNames: ["sink"],
    registers,
  });
  const up = new Gauge({
    name: "framegate_sink_up",
    help: "1 where a sink takes records of traffic, 0 where it does not.",
    labelNames: ["sink"],
    registers,
  });
  return {
    countWritten: (sink, records) => written.inc({ sink }, records),
    countLost: (sink, reason, records) => lost.inc({ sink, reason }, records),
    show(sinks) {
      queued.reset();
      up.reset();
      for (const { sink, queuedBytes, problem } of sinks) {
        written.inc({ sink }, 0);
        queued.set({ sink }, queuedBytes);
        up.set({ sink }, problem === "" ? 1 : 0);
      }
    },
  };
}
