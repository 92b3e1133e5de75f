import type { PolicySnapshot } from "../../policies/reload/policy-state.ts";
import type { QuarantineEntry } from "../../sandbox/contract/faults.ts";
import type { Jail } from "../../sandbox/index.ts";
import type { GatewayConfig } from "../config/index.ts";
import type { Drained } from "../engine/engine-plan.ts";
import type { Desk } from "../fleet/desk/desk.ts";
import type { HoldDesk } from "../fleet/desk/hold-desk.ts";
import type { FleetProblem, FleetStatus } from "../fleet/status.ts";
import type { CertificateEnd } from "../listen/certificate-ends.ts";
import type { ListenerAddress } from "../listen/listener-plan.ts";
import type { Rollouts } from "../rollout/rollouts.ts";
import type { RouteTable } from "../routes/planner.ts";
import type { SinkStats } from "../sinks/sinks.ts";
import type { Source } from "../source/source.ts";
import type { DrainPlace, DrainSchedule } from "../steering/drain-schedule.ts";
import type { SteeringJobs } from "../steering/steering-jobs.ts";
import type { RecordingSwitches } from "../traffic/switches/recording-switches.ts";
import type { WorkerPool } from "../workers/worker-pool.ts";

/** A shadow that is wanted: where it stands. */
export interface ViewedShadow {
  readonly name: string;
  readonly policy: string;
  readonly from: string;
  /** That is to run; "" when there is none. */
  readonly version: string;
  readonly routes: readonly string[];
  /** Why what it is from is not what runs; "" when nothing is wrong. */
  readonly problem: string;
}

export interface ViewedSource extends Pick<Source, "view" | "look" | "activate"> {
  /** What `POST /hooks/source` must know; undefined: nobody can. */
  hookSecret(): string | undefined;
}

/** What the console sees of the gateway, and may do with it. */
export interface GatewayView {
  /** Its name among those of the fleet; "" where there is none. */
  readonly node: string;
  state(): "starting" | "ready" | "stopping";
  config(): GatewayConfig;
  listeners(): readonly ListenerAddress[];
  /** Undefined before the start. Switched routes are as they are switched. */
  table(): RouteTable | undefined;
  policies(): PolicySnapshot;
  /** Versions that have cost a sandbox host and run in one of their own. */
  quarantine(): readonly QuarantineEntry[];
  /** What the operating system keeps sandbox hosts in. Undefined before the start. */
  jail(): Pick<Jail, "kind" | "shortfall"> | undefined;
  /** Settles when all workers have it. */
  switchRoute(name: string, isEnabled: boolean): Promise<void>;
  /** What gets no new connections. */
  drained(): Drained;
  /** Settles when all workers have it. */
  drain(place: DrainPlace, isDrained: boolean): Promise<void>;
  /** What is to be drained later. */
  readonly drainSchedule: DrainSchedule;
  /** Read the policies again, or one of them. */
  reloadPolicies(name?: string): Promise<void>;
  /** @returns false when there is no such version */
  rollBack(policy: string, version?: string): Promise<boolean>;
  /** Versions that get copies of calls, as the last plan has them. */
  shadows(): readonly ViewedShadow[];
  /** Versions of policies that are on their way. */
  readonly rollouts: Pick<Rollouts, "views" | "ended" | "tell" | "overview">;
  /** Undefined: policies are a folder of this machine. */
  readonly source: ViewedSource | undefined;
  readonly workers: Pick<WorkerPool, "traffic" | "pulses" | "policyStats" | "capabilityAnswers" | "shadows">;
  /** Where open sessions are seen, and steered. */
  desk(scope: "fleet" | "node"): Desk;
  /** Where operators hold messages. */
  holds(scope: "fleet" | "node"): HoldDesk;
  /** Settles with who is in the fleet; undefined: there is none. */
  fleet(): Promise<FleetStatus> | undefined;
  /** What is wrong with its part in the fleet, as known last; undefined: nothing. */
  fleetProblem(): FleetProblem | undefined;
  sinks(): readonly SinkStats[];
  /** Of the listeners. */
  certificates(): readonly CertificateEnd[];
  /** What operators have switched of recording. */
  readonly recordings: Pick<RecordingSwitches, "list" | "set" | "end" | "counts">;
  /** What is being done to open sessions by this node. */
  readonly steering: Pick<SteeringJobs, "start" | "list" | "stop">;
  metrics(): Promise<{ readonly text: string; readonly contentType: string }>;
}
