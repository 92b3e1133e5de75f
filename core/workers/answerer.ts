import type { EngineOptions } from "../engine/contract.ts";
import { createEngine } from "../engine/engine.ts";
import type { EmitEvent } from "../events.ts";
import { createEngineMetrics } from "../metrics/engine-metrics.ts";
import { createPulse, type WorkerPulse } from "./pulse.ts";
import type { Answerer } from "./requests.ts";

export interface AnswererOptions extends EngineOptions {
  /** Whose CPU time and memory this process's are; undefined where somebody else tells. */
  readonly self?: "worker";
  /** Send this mark behind all records that were taken so far. */
  sendMark?(mark: number): void;
}

/** An engine, its metrics and its pulse: what a worker is made of, wherever it runs. */
export async function createAnswerer(options: AnswererOptions): Promise<Answerer> {
  const metrics = createEngineMetrics(() => engine, options.self);
  const emit: EmitEvent = (event) => {
    metrics.observe(event);
    options.emit(event);
  };
  const engine = await createEngine({ ...options, emit });
  let pulse: (() => WorkerPulse) | undefined;
  return {
    engine,
    metrics,
    pulse() {
      // From the first question on: a process that nobody asks need not keep watch.
      pulse ??= createPulse(engine);
      return pulse();
    },
    collect(mark) {
      engine.flushRecords();
      options.sendMark?.(mark);
    },
  };
}
