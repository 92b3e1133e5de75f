import type { PolicyStats } from "../../sandbox/contract.ts";
import type { DrainConfig, GatewayConfig } from "../config/index.ts";
import type { GatewayEvent } from "../events.ts";
import type { ListenerAddress, ListenerPlan } from "../listen/listener-plan.ts";
import type { MetricsJson } from "../metrics/engine-metrics.ts";
import type { CloseStatus } from "../wire/close-payload.ts";
import type { EngineConfig, Plan, PlanFailure } from "./engine.ts";
import type { KvAnswer, KvQuestion } from "./kv-link.ts";
import type { LiveSession, RouteTraffic } from "./live-view.ts";
import type { WorkerPulse } from "./pulse.ts";

/** Where a worker process writes the batches of its recorder. */
export const batchFd = 4;

/** What the supervisor asks of a worker process. Each is answered once, under the same number. */
export type WorkerRequest =
  | {
      readonly type: "start";
      readonly config: EngineConfig & Pick<GatewayConfig, "traffic">;
      readonly kvUrl?: string;
    }
  | { readonly type: "apply"; readonly plan: Plan }
  | { readonly type: "listen"; readonly plans: readonly ListenerPlan[] }
  | { readonly type: "metrics" }
  /** Send all records that are held back, and this mark behind them. */
  | { readonly type: "collect"; readonly mark: number }
  | { readonly type: "traffic" }
  | { readonly type: "sessions"; readonly id?: string }
  | { readonly type: "close-session"; readonly id: string; readonly status: CloseStatus }
  | { readonly type: "policy-stats" }
  | { readonly type: "pulse" }
  | { readonly type: "stop"; readonly drain: DrainConfig };

export interface WorkerReplies {
  readonly start: true;
  readonly apply: readonly PlanFailure[];
  readonly listen: readonly ListenerAddress[];
  readonly metrics: MetricsJson;
  readonly collect: true;
  readonly traffic: readonly RouteTraffic[];
  readonly sessions: readonly LiveSession[];
  /** Whether it was there. */
  readonly "close-session": boolean;
  readonly "policy-stats": readonly PolicyStats[];
  readonly pulse: WorkerPulse;
  readonly stop: true;
}

export type ToWorker =
  | { readonly id: number; readonly request: WorkerRequest }
  | { readonly type: "kv-answer"; readonly answer: KvAnswer };

export type FromWorker =
  | { readonly type: "reply"; readonly id: number; readonly value: WorkerReplies[keyof WorkerReplies] }
  | { readonly type: "failed"; readonly id: number; readonly code: string; readonly message: string }
  | { readonly type: "kv"; readonly question: KvQuestion }
  | { readonly type: "event"; readonly event: GatewayEvent };
