import type { SandboxStats } from "../../sandbox/contract/stats.ts";
import type { EngineNumbers } from "../metrics/engine-numbers.ts";
import { watchLoopDelay } from "../metrics/loop-delay.ts";
import { sumTraffic } from "../metrics/route-traffic.ts";

/** How a worker feels. Calls, times and the delay are those since it was last asked. */
export interface WorkerPulse {
  readonly eventLoopP99Ms: number;
  /** Over all sessions and both directions. */
  readonly bufferedBytes: number;
  /** Messages that operators hold. */
  readonly held: number;
  /** Calls of `client` and `server` hooks, and their time in the isolates. */
  readonly calls: number;
  readonly policyUs: number;
  /** How many messages were how long in the gateway: by the buckets of `latencyBounds`. */
  readonly latencies: readonly number[];
}

interface HoldingEngine {
  readonly breakpoints: { readonly held: number };
}

/** For one who asks again and again. */
export function createPulse(
  engine: Pick<EngineNumbers, "traffic" | "sandboxStats" | "latencies"> & HoldingEngine,
): () => WorkerPulse {
  const loopDelay = watchLoopDelay();
  let before = sumCalls(engine.sandboxStats());
  let told = engine.latencies();
  return () => {
    const now = sumCalls(engine.sandboxStats());
    const since = { calls: now.calls - before.calls, policyUs: now.policyUs - before.policyUs };
    before = now;
    const timed = engine.latencies();
    const latencies = timed.map((count, bucket) => count - (told[bucket] ?? 0));
    told = timed;
    const { client, server } = sumTraffic(engine.traffic()).bufferedBytes;
    return {
      eventLoopP99Ms: loopDelay.read().p99Ms,
      bufferedBytes: client + server,
      latencies,
      held: engine.breakpoints.held,
      ...since,
    };
  };
}

function sumCalls({ policies }: SandboxStats): Pick<WorkerPulse, "calls" | "policyUs"> {
  let calls = 0;
  let policyUs = 0;
  for (const { hooks } of policies) {
    for (const hook of hooks) {
      if (hook.hook !== "client" && hook.hook !== "server") continue;
      calls += hook.calls;
      policyUs += hook.timeUs;
    }
  }
  return { calls, policyUs };
}
