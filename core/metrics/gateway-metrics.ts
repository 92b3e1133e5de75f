import type { Registry } from "prom-client";
import type { CertificateEnd } from "../listen/certificate-ends.ts";
import type { SinkStats } from "../sinks/sinks.ts";
import type { TrafficStats } from "../traffic/records.ts";
import { readVersion } from "../version.ts";
import { createCertificateMetrics } from "./certificate-metrics.ts";
import { createEndedWorkers } from "./ended-workers.ts";
import { Counter, Gauge, MetricSet } from "./metric-set.ts";
import type { MetricsJson, WorkerMetrics } from "./metrics-json.ts";
import { sumMetrics } from "./metrics-sum.ts";
import { createProcessMetrics, readOwnUsage } from "./process-metrics.ts";
import { createSinkMetrics } from "./sink-metrics.ts";

export interface GatewayMetrics {
  countReload(policy: string, outcome: string): void;
  /** How many policies have a problem with the newest version of their file. */
  setProblems(count: number): void;
  countRollout(policy: string, news: RolloutMove): void;
  countSource(outcome: "taken" | "refused" | "failed"): void;
  countWorkerRestart(): void;
  countAlert(outcome: "sent" | "dropped" | "limited", alerts: number): void;
  countSpans(outcome: "sent" | "dropped", spans: number): void;
  countSinkWritten(sink: string, records: number): void;
  countSinkLost(sink: string, reason: string, records: number): void;
  /** What workers have counted up to now stays counted when they die. */
  keep(workers: readonly WorkerMetrics[]): Promise<void>;
  /** Only of a gateway that belongs to a fleet. */
  setClusterConnected(cluster: string, isConnected: boolean): void;
  /** Everything as Prometheus' client has it in JSON. */
  collect(workers: readonly WorkerMetrics[], own: SupervisorStats): Promise<MetricsJson>;
  /** Everything in Prometheus' text form, the processes' numbers summed. */
  render(
    workers: readonly WorkerMetrics[],
    own: SupervisorStats,
  ): Promise<{ readonly text: string; readonly contentType: string }>;
}

/** What parts of the supervisor have counted themselves. */
export interface SupervisorStats {
  readonly traffic: TrafficStats;
  readonly rates: RateStats;
  readonly caps: CapStats;
  readonly source: SourceStats | undefined;
  readonly sinks: readonly SinkStats[];
  readonly certificates: readonly CertificateEnd[];
}

/** The book of rates, of upgrades and of policies. */
export interface RateStats {
  /** Keys that were forgotten too early. */
  readonly forgotten: number;
  /** What was decided without the fleet's store, by `onStoreLoss`; undefined: there is no fleet. */
  readonly alone: Readonly<Record<string, number>> | undefined;
}

/** The book of places below limits on connections. */
export interface CapStats {
  /** Places that workers have. */
  readonly lent: number;
  /** Of them, those beyond the caps of the fleet. */
  readonly over: number;
}

/** Where policies come from, when it is not this machine. */
export interface SourceStats {
  /** When it last gave an answer, milliseconds since 1970. */
  readonly seenAt?: number;
  /** Absent: nothing is wrong. */
  readonly problem?: unknown;
}

/** What a version on its way does. */
export interface RolloutMove {
  readonly what: "begun" | "moved" | "finished" | "given up" | "paused" | "resumed" | "taken back";
  readonly share?: number;
}

/** The supervisor's own numbers, and the sum of them all. */
export function createGatewayMetrics(): GatewayMetrics {
  const own = new MetricSet();
  const registers = [own];
  const reloads = new Counter({
    name: "framegate_policy_reloads_total",
    help: "Policy files read, by policy and outcome.",
    labelNames: ["policy", "outcome"],
    registers,
  });
  const problems = new Gauge({
    name: "framegate_policy_problems",
    help: "Policies whose newest version could not be used.",
    registers,
  });
  const rollouts = new Counter({
    name: "framegate_rollouts_total",
    help: "Versions of policies that came step by step, by what became of them.",
    labelNames: ["policy", "outcome"],
    registers,
  });
  const rolloutShare = new Gauge({
    name: "framegate_rollout_share",
    help: "Share of the sessions, from 0 to 1, that have the version of a policy that is on its way.",
    labelNames: ["policy"],
    registers,
  });
  const clusterConnected = new Gauge({
    name: "framegate_cluster_connected",
    help: "Whether there is a connection to all of the Redis of the cluster: 1, or 0.",
    labelNames: ["cluster"],
    registers,
  });
  const sources = new Counter({
    name: "framegate_source_versions_total",
    help: "Versions that the source gave, and looks at it that failed, by what became of them.",
    labelNames: ["outcome"],
    registers,
  });
  for (const outcome of ["taken", "refused", "failed"]) sources.inc({ outcome }, 0);
  const sourceSeen = new Gauge({
    name: "framegate_source_seen_timestamp_seconds",
    help: "When the source of policies last gave an answer, in seconds since 1970; 0: never, or there is none.",
    registers,
  });
  const sourceProblems = new Gauge({
    name: "framegate_source_problems",
    help: "1 while the source gives nothing, or what it gave last is refused.",
    registers,
  });
  const restarts = new Counter({
    name: "framegate_worker_restarts_total",
    help: "Worker processes that died and were replaced.",
    registers,
  });

  const spans = new Counter({
    name: "framegate_trace_spans_total",
    help: "Spans of sampled sessions and messages, by what became of them.",
    labelNames: ["outcome"],
    registers,
  });
  const alerts = new Counter({
    name: "framegate_alerts_total",
    help: "Alerts for each sink, by what became of them.",
    labelNames: ["outcome"],
    registers,
  });
  for (const outcome of ["sent", "dropped"]) {
    spans.inc({ outcome }, 0);
    alerts.inc({ outcome }, 0);
  }
  alerts.inc({ outcome: "limited" }, 0);
  const records = new Gauge({
    name: "framegate_traffic_records",
    help: "Records of traffic that are kept.",
    registers,
  });
  const recordBytes = new Gauge({
    name: "framegate_traffic_record_bytes",
    help: "What the records of traffic take.",
    registers,
  });
  const droppedRecords = new Counter({
    name: "framegate_traffic_records_dropped_total",
    help: "Records of traffic that could not be handed over or kept.",
    registers,
  });
  const sinkMetrics = createSinkMetrics(registers);
  const certificateMetrics = createCertificateMetrics(registers);
  const alone = new Counter({
    name: "framegate_rates_alone_total",
    help: "What rates had to decide without the cluster's Redis, by the limit's onStoreLoss.",
    labelNames: ["mode"],
    registers,
  });
  const forgottenKeys = new Counter({
    name: "framegate_upgrade_rate_keys_forgotten_total",
    help: "Keys of upgrade rates, of rates of policies, and of shared rates of messages that were forgotten before they were full again, for want of room.",
    registers,
  });
  const lentPlaces = new Gauge({
    name: "framegate_cap_places",
    help: "Places below limits on connections that workers have, those to spare included; none where one worker alone has them all.",
    registers,
  });
  const placesOver = new Gauge({
    name: "framegate_cap_places_over",
    help: "Places that this gateway has beyond limits of the fleet: of a time when its Redis was lost, or of a limit that was lowered.",
    registers,
  });
  new Gauge({
    name: "framegate_build_info",
    help: "1, with the versions of Framegate and of Node.",
    labelNames: ["version", "node"],
    registers,
  }).set({ version: readVersion(), node: process.versions.node }, 1);
  const processes = createProcessMetrics(registers);
  const ended = createEndedWorkers();

  return {
    countReload: (policy, outcome) => reloads.inc({ policy, outcome }),
    setProblems: (count) => problems.set(count),
    countRollout(policy, { what, share }) {
      if (what === "paused" || what === "resumed") return;
      if (what === "begun" || what === "moved") rolloutShare.set({ policy }, share ?? 0);
      else rolloutShare.remove({ policy });
      if (what !== "moved") rollouts.inc({ policy, outcome: what });
    },
    countSource: (outcome) => sources.inc({ outcome }),
    countWorkerRestart: () => restarts.inc(),
    countAlert: (outcome, count) => alerts.inc({ outcome }, count),
    countSpans: (outcome, count) => spans.inc({ outcome }, count),
    countSinkWritten: sinkMetrics.countWritten,
    countSinkLost: sinkMetrics.countLost,
    setClusterConnected: (cluster, isConnected) => clusterConnected.set({ cluster }, isConnected ? 1 : 0),
    async keep(workers) {
      await ended.add(workers);
    },
    async collect(workers, stats) {
      const sum = await sumUp(workers, stats);
      return sum.getMetricsAsJSON();
    },
    async render(workers, stats) {
      const sum = await sumUp(workers, stats);
      return { text: await sum.metrics(), contentType: sum.contentType };
    },
  };

  async function sumUp(
    workers: readonly WorkerMetrics[],
    { traffic, rates, caps, source, sinks, certificates }: SupervisorStats,
  ): Promise<Registry> {
    sinkMetrics.show(sinks);
    certificateMetrics.show(certificates);
    sourceSeen.set((source?.seenAt ?? 0) / 1000);
    sourceProblems.set(source?.problem === undefined ? 0 : 1);
    forgottenKeys.reset();
    forgottenKeys.inc(rates.forgotten);
    alone.reset();
    for (const [mode, count] of Object.entries(rates.alone ?? {})) alone.inc({ mode }, count);
    lentPlaces.set(caps.lent);
    placesOver.set(caps.over);
    records.set(traffic.records);
    recordBytes.set(traffic.bytes);
    droppedRecords.reset();
    droppedRecords.inc(traffic.dropped);
    processes.set("supervisor", readOwnUsage());
    return sumMetrics([own.read(), ...(await ended.add(workers))]);
  }
}
