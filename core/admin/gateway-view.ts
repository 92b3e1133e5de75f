import type { PolicySnapshot } from "../../policies/policy-state.ts";
import type { Fleet } from "../cluster/fleet.ts";
import type { RouteTable } from "../cluster/plan.ts";
import type { GatewayConfig, RouteConfig } from "../config/index.ts";
import type { ListenerAddress } from "../listen/plan.ts";
import type { TrafficFilter } from "../traffic/records.ts";
import type { TrafficStore } from "../traffic/store.ts";
import type { PolicyView } from "./api-schema.ts";

/** What the console sees of the gateway, and may do with it. */
export interface GatewayView {
  state(): "starting" | "ready" | "stopping";
  config(): GatewayConfig;
  listeners(): readonly ListenerAddress[];
  /** Undefined before the start. Switched routes are as they are switched. */
  table(): RouteTable | undefined;
  policies(): PolicySnapshot;
  /** Settles when all workers have it. */
  switchRoute(name: string, isEnabled: boolean): Promise<void>;
  /** Read the policies again, or one of them. */
  reloadPolicies(name?: string): Promise<void>;
  /** @returns false when there is no such version */
  rollBack(policy: string, version?: string): Promise<boolean>;
  readonly workers: Pick<Fleet, "sessions" | "closeSession" | "vitals" | "pulses" | "policyStats">;
  metrics(): Promise<{ readonly text: string; readonly contentType: string }>;
}

/** What others bring to the console. Each part is absent where nobody does. */
export interface Observations {
  readonly traffic?: TrafficStore;
  isRecorded?(route: RouteConfig): boolean;
  /** The text of a HAR file, piece by piece. */
  exportHar?(filter: TrafficFilter): AsyncIterable<string>;
  /** Attributes of a session, redacted. */
  redact?(attributes: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>>;
  policyStats?(): Promise<readonly PolicyStats[]>;
}

/** What one policy has done, over all workers. */
export interface PolicyStats extends Pick<PolicyView, "breaker" | "memoryBytes"> {
  readonly policy: string;
  readonly hooks: PolicyView["hooks"];
}
