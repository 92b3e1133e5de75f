import type { QuarantineEntry } from "../../sandbox/contract/faults.ts";
import type { PolicyBundle, PolicyExports } from "../../sandbox/contract.ts";
import type { Grants, SandboxError } from "../../sandbox/index.ts";
import type { Breakpoint } from "../breakpoints/breakpoint.ts";
import type { TrafficConfig, UpstreamConfig } from "../config/index.ts";
import type { NetAddress } from "../net/address.ts";
import type { SecretValues } from "../redaction/secret-values.ts";
import type { CanaryShare } from "../routes/canary-shares.ts";
import type { PolicyGroups } from "../routes/isolation.ts";
import type { RoutePlan } from "../routes/route-runtime.ts";
import type { PlannedShadow } from "../routes/shadow-use.ts";
import type { RecordingSwitch } from "../traffic/switches/recording-switch.ts";

/** What is to run, as the supervisor wants it. Plain data. */
export interface EnginePlan {
  readonly routes: readonly RoutePlan[];
  /** Policies that changed since the last plan. */
  readonly bundles: readonly PolicyBundle[];
  /** Versions that are on their way beside those. Of one that the engine has been given before the bundle is left out. */
  readonly canaries: readonly PlannedCanary[];
  /** Versions that get copies of calls, and whose verdicts go nowhere. Absent: none. */
  readonly shadows?: readonly PlannedShadow[];
  /** Of the policies that do not share a host process with all others. */
  readonly groups: PolicyGroups;
  /** Versions that have cost a sandbox host, of whichever worker. */
  readonly quarantine: readonly QuarantineEntry[];
  /** The named ones: a policy may choose among them. */
  readonly upstreams: readonly UpstreamConfig[];
  /** What operators have switched of recording. Absent: nothing. */
  readonly recordings?: readonly RecordingSwitch[];
  /** What takes no new connections. Absent: nothing. */
  readonly drained?: Drained;
  /** Where operators hold messages. Absent: nowhere. */
  readonly breakpoints?: readonly Breakpoint[];
  /** Where the console is, which no connection to a server may reach. */
  readonly console?: NetAddress;
  /** Never logged: it holds values. */
  readonly capabilities: PlannedCapabilities;
  /** Addresses and networks; absent: forwarded headers are believed of nobody and added to. */
  readonly trustedProxies?: readonly string[];
  /** What the supervisor keeps of what is recorded. */
  readonly traffic: TrafficConfig;
}

/** Plain data. */
export interface Drained {
  /** All routes are. */
  readonly isAll?: boolean;
  /** By name. */
  readonly routes: readonly string[];
  readonly servers: readonly DrainedServer[];
}

export interface DrainedServer {
  readonly upstream: string;
  /** Its URL; absent: all servers of the upstream. */
  readonly target?: string;
}

export interface PlannedCanary extends CanaryShare {
  readonly bundle?: PolicyBundle;
}

export interface PlannedCapabilities {
  readonly grants: Grants;
  readonly secrets: SecretValues;
}

/** A version that the engine could not load: the one before stays. */
export interface PlanFailure {
  readonly policy: string;
  readonly version: string;
  readonly message: string;
  /** No fault of the policy's: there is no process to load it in. */
  readonly isHostFault: boolean;
}

/** What came of loading a version before any plan has it. Plain data: errors lose half of what they are between processes. */
export type LoadedAhead =
  | { readonly ok: true; readonly exports: PolicyExports }
  | { readonly ok: false; readonly error: Pick<SandboxError, "code" | "message" | "frame" | "stack"> };
