import type { SandboxStats } from "../../sandbox/contract/stats.ts";
import type { MirrorCount } from "../mirror/mirrors.ts";
import type { RateCount } from "../session/limits/rate-counts.ts";
import type { MeterReading } from "../session/meters/route-meters.ts";
import type { ShadowReport } from "../shadow/shadow-report.ts";
import type { ServerHealth } from "../upstream/upstreams.ts";
import type { RouteTraffic } from "./route-traffic.ts";

/** The numbers of one process, as they are now. */
export interface EngineNumbers {
  /** By route, since the process started. */
  traffic(): readonly RouteTraffic[];
  /** The servers of upstreams, and whether this process sends new connections to them. */
  upstreamHealth(): readonly ServerHealth[];
  /** How many old versions of each policy stay loaded for the sessions that began with them. */
  pinnedVersions(): ReadonlyMap<string, number>;
  /** Clients that have been let in and wait for a server. */
  heldClients(): number;
  /** What became of the copies for mirrors since this process started. */
  mirrorCounts(): readonly MirrorCount[];
  /** What rates have done since this process started. */
  rateCounts(): readonly RateCount[];
  /** How large messages were, and how long they were in the gateway. */
  meterReadings(): readonly MeterReading[];
  /** How many messages were how long in the gateway, of all routes: by the buckets of `latencyBounds`. */
  latencies(): readonly number[];
  /** What shadows did since this process started. */
  shadowReport(): readonly ShadowReport[];
  /** What policies did, and what they and the sandbox cost. */
  sandboxStats(): SandboxStats;
}
