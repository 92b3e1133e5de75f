import { randomUUID } from "node:crypto";
import type { GatewayEvent } from "../events.ts";
import type { EngineNumbers } from "./engine-numbers.ts";
import { createEventMetrics } from "./event-metrics.ts";
import { type LoopDelay, watchLoopDelayByWindow } from "./loop-delay.ts";
import { messageHistograms } from "./message-metrics.ts";
import { Gauge, MetricSet } from "./metric-set.ts";
import type { WorkerMetrics } from "./metrics-json.ts";
import { createNumberMetrics } from "./number-metrics.ts";
import { batchHistogram, heldHistogram } from "./policy-metrics.ts";
import { createProcessMetrics, readOwnUsage } from "./process-metrics.ts";

export interface EngineMetrics {
  observe(event: GatewayEvent): void;
  collect(): Promise<WorkerMetrics>;
}

/**
 * Counts what happens in one process. What happens with each message is read from those who count it when asked for.
 *
 * @param findNumbers undefined: the engine has not started
 * @param self whose CPU time and memory this process's are; undefined where somebody else tells
 */
export function createEngineMetrics(
  findNumbers: () => EngineNumbers | undefined,
  self?: "worker",
): EngineMetrics {
  const worker = randomUUID();
  const own = new MetricSet();
  const registers = [own];
  const events = createEventMetrics(registers);
  const engine = createNumberMetrics(registers);
  const loopP99 = new Gauge({
    name: "framegate_event_loop_delay_p99_seconds",
    help: "How late a worker's event loop was in the last whole quarter of a minute, 99th percentile, the worst worker's.",
    aggregator: "max",
    registers,
  });
  const loopMax = new Gauge({
    name: "framegate_event_loop_delay_max_seconds",
    help: "How late a worker's event loop was in the last whole quarter of a minute, at most, the worst worker's.",
    aggregator: "max",
    registers,
  });
  const processes = createProcessMetrics(registers);
  // From the first scrape on: a process that nobody asks need not keep watch.
  let loopDelay: LoopDelay | undefined;

  return {
    observe: events.observe,

    async collect() {
      const numbers = findNumbers();
      const stats = numbers?.sandboxStats();
      if (numbers !== undefined && stats !== undefined) {
        engine.set(numbers, stats);
        processes.set("sandbox", stats.host);
      }
      if (self !== undefined) processes.set(self, readOwnUsage());
      loopDelay ??= watchLoopDelayByWindow();
      const { p99Ms, maxMs } = loopDelay.read();
      loopP99.set(p99Ms / 1000);
      loopMax.set(maxMs / 1000);
      const json = own.read();
      if (numbers === undefined || stats === undefined) return { worker, metrics: json };
      const ofPolicies = [batchHistogram(stats.batches), heldHistogram(stats)];
      const counted = [...messageHistograms(numbers.meterReadings()), ...ofPolicies];
      return { worker, metrics: [...json, ...counted] };
    },
  };
}
