import { randomUUID } from "node:crypto";
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { SandboxStats } from "../../sandbox/contract.ts";
import type { GatewayEvent } from "../events.ts";
import type { EngineNumbers } from "./engine-numbers.ts";
import { type LoopDelay, watchLoopDelayByWindow } from "./loop-delay.ts";
import { messageHistograms } from "./message-metrics.ts";
import type { WorkerMetrics } from "./metrics-json.ts";
import { batchHistogram, createPolicyMetrics, heldHistogram } from "./policy-metrics.ts";
import { createProcessMetrics, readOwnUsage } from "./process-metrics.ts";
import type { RouteTraffic } from "./route-traffic.ts";
import { createShadowMetrics } from "./shadow-metrics.ts";

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
  const registry = new Registry();
  const registers = [registry];

  const upgrades = new Counter({
    name: "framegate_upgrades_total",
    help: "Upgrades answered, by route and HTTP status.",
    labelNames: ["route", "status"],
    registers,
  });
  const refusedConnections = new Counter({
    name: "framegate_connections_refused_total",
    help: "Connections that did not come as far as a request, by code.",
    labelNames: ["code"],
    registers,
  });
  const requests = new Counter({
    name: "framegate_http_requests_total",
    help: "Plain HTTP requests answered on routes that proxy them, by route and class of the status.",
    labelNames: ["route", "status"],
    registers,
  });
  const upgradeSeconds = new Histogram({
    name: "framegate_upgrade_seconds",
    help: "Time from the client's request to its answer.",
    labelNames: ["route"],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers,
  });
  const open = new Gauge({
    name: "framegate_sessions_open",
    help: "Sessions open now.",
    labelNames: ["route"],
    registers,
  });
  const sessions = new Counter({
    name: "framegate_sessions_total",
    help: "Sessions begun, by route.",
    labelNames: ["route"],
    registers,
  });
  const buffered = new Gauge({
    name: "framegate_buffered_bytes",
    help: "Bytes waiting in sessions for their receiver, by route and origin.",
    labelNames: ["route", "origin"],
    registers,
  });
  const closes = new Counter({
    name: "framegate_session_closes_total",
    help: "Sessions ended, by route, close code and who began it.",
    labelNames: ["route", "code", "initiator"],
    registers,
  });
  const renewals = new Counter({
    name: "framegate_session_renewals_total",
    help: "Times that a policy's renew hook gave an open session other attributes or another expiry, by route, policy and reason.",
    labelNames: ["route", "policy", "reason"],
    registers,
  });
  const held = new Gauge({
    name: "framegate_held_clients",
    help: "Clients that a policy let in and that wait for a server now; they count as open sessions too.",
    registers,
  });
  const holds = new Counter({
    name: "framegate_holds_total",
    help: "Clients that a policy let in while no server could be had, by route and what came of it.",
    labelNames: ["route", "outcome"],
    registers,
  });
  const messages = new Counter({
    name: "framegate_messages_total",
    help: "Messages received, by route and origin.",
    labelNames: ["route", "origin"],
    registers,
  });
  const bytes = new Counter({
    name: "framegate_message_bytes_total",
    help: "Payload bytes received, as on the wire, by route and origin.",
    labelNames: ["route", "origin"],
    registers,
  });
  const faults = new Counter({
    name: "framegate_policy_faults_total",
    help: "Policy calls that failed, by policy, hook and reason.",
    labelNames: ["policy", "hook", "reason"],
    registers,
  });
  const isolates = new Counter({
    name: "framegate_isolate_replacements_total",
    help: "Isolates that were dropped and rebuilt, by policy and reason.",
    labelNames: ["policy", "reason"],
    registers,
  });
  const quarantines = new Counter({
    name: "framegate_policy_quarantines_total",
    help: "Times that a policy cost its sandbox host and was put into one of its own, by policy and reason.",
    labelNames: ["policy", "reason"],
    registers,
  });
  const hosts = new Counter({
    name: "framegate_sandbox_host_replacements_total",
    help: "Sandbox host processes that were replaced, by reason.",
    labelNames: ["reason"],
    registers,
  });
  // There from the start: an increase from nothing to one is none to Prometheus.
  for (const reason of ["silent", "memory", "exited", "nonsense"]) hosts.inc({ reason }, 0);
  const healthy = new Gauge({
    name: "framegate_upstream_healthy",
    help: "Whether a server of an upstream gets new connections: 1, or 0 when one worker or more has found it unhealthy.",
    labelNames: ["upstream", "target"],
    // Over the workers, that is.
    aggregator: "min",
    registers,
  });
  const failovers = new Counter({
    name: "framegate_upstream_failovers_total",
    help: "Times that another upstream was asked in place of one that could not be had.",
    labelNames: ["upstream", "to"],
    registers,
  });
  const mirrored = new Counter({
    name: "framegate_mirror_messages_total",
    help: "Copies of messages for mirrors, by route and origin: sent, or lost because the mirror could not take them.",
    labelNames: ["route", "origin", "outcome"],
    registers,
  });
  const mirrorFailures = new Counter({
    name: "framegate_mirror_failures_total",
    help: "Times that a mirror could not be had, closed or broke the protocol, by route.",
    labelNames: ["route"],
    registers,
  });
  const rates = new Counter({
    name: "framegate_rate_exceeded_total",
    help: "Times that a route's rate dropped a message, held a sender up or closed, by route, origin and action.",
    labelNames: ["route", "origin", "action"],
    registers,
  });
  const upgradeRates = new Counter({
    name: "framegate_upgrade_rate_exceeded_total",
    help: "Upgrades that were refused because more came than upgradeRate allows, by route.",
    labelNames: ["route"],
    registers,
  });
  const pinned = new Gauge({
    name: "framegate_policy_versions_pinned",
    help: 'Old versions of a policy that stay loaded for sessions of routes with reload: "pin".',
    labelNames: ["policy"],
    registers,
  });

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
  const policies = createPolicyMetrics(registers);
  const shadows = createShadowMetrics(registers);
  const processes = createProcessMetrics(registers);
  // From the first scrape on: a process that nobody asks need not keep watch.
  let loopDelay: LoopDelay | undefined;

  return {
    observe(event) {
      switch (event.type) {
        case "session-start":
          upgrades.inc({ route: event.route, status: "101" });
          sessions.inc({ route: event.route });
          upgradeSeconds.observe({ route: event.route }, event.durationMs / 1000);
          return;
        case "upgrade-refused":
          upgrades.inc({ route: event.route, status: String(event.status) });
          if (event.code === "ERR_TOO_MANY_UPGRADES") upgradeRates.inc({ route: event.route });
          return;
        case "request-proxied":
        case "request-refused":
          requests.inc({ route: event.route, status: `${Math.floor(event.status / 100)}xx` });
          return;
        case "connection-refused":
          refusedConnections.inc({ code: event.code }, event.count ?? 1);
          return;
        case "session-end":
          closes.inc({ route: event.route, code: codeLabel(event.code), initiator: event.initiator });
          return;
        case "hold-ended":
          holds.inc({ route: event.route, outcome: event.outcome });
          return;
        case "session-renewed":
          renewals.inc({ route: event.route, policy: event.policy, reason: event.reason });
          return;
        case "policy-fault":
          faults.inc({ policy: event.fault.policy, hook: event.fault.hook, reason: event.fault.reason });
          return;
        case "policy-quarantined":
          quarantines.inc({ policy: event.entry.policy, reason: event.entry.reason });
          return;
        case "isolate-replaced":
          isolates.inc({ policy: event.policy, reason: event.reason });
          return;
        case "host-replaced":
          hosts.inc({ reason: event.reason });
          return;
        case "mirror-failed":
          mirrorFailures.inc({ route: event.route }, event.count);
          return;
        case "upstream-failover":
          failovers.inc({ upstream: event.upstream, to: event.to });
          return;
        case "upstream-down":
        case "upstream-up":
        case "kv-lost":
        case "kv-back":
        case "message-traced":
        case "policy-log":
        case "shadow-differs":
        case "shadow-failed":
        case "policy-alert":
        case "policy-alerts-lost":
        case "host-started":
        case "host-ended":
          return;
      }
    },

    async collect() {
      const numbers = findNumbers();
      const stats = numbers?.sandboxStats();
      if (numbers !== undefined && stats !== undefined) collectNumbers(numbers, stats);
      if (self !== undefined) processes.set(self, readOwnUsage());
      loopDelay ??= watchLoopDelayByWindow();
      const { p99Ms, maxMs } = loopDelay.read();
      loopP99.set(p99Ms / 1000);
      loopMax.set(maxMs / 1000);
      const json = await registry.getMetricsAsJSON();
      if (numbers === undefined || stats === undefined) return { worker, metrics: json };
      const ofPolicies = [batchHistogram(stats.batches), heldHistogram(stats)];
      const counted = [...messageHistograms(numbers.meterReadings()), ...ofPolicies];
      return { worker, metrics: [...json, ...counted] };
    },
  };

  function collectNumbers(numbers: EngineNumbers, stats: SandboxStats): void {
    healthy.reset();
    for (const { upstream, target, isHealthy } of numbers.upstreamHealth()) {
      healthy.set({ upstream, target }, isHealthy ? 1 : 0);
    }
    pinned.reset();
    for (const [policy, versions] of numbers.pinnedVersions()) pinned.set({ policy }, versions);
    held.set(numbers.heldClients());
    mirrored.reset();
    for (const { route, origin, sent, lost } of numbers.mirrorCounts()) {
      mirrored.inc({ route, origin, outcome: "sent" }, sent);
      mirrored.inc({ route, origin, outcome: "lost" }, lost);
    }
    rates.reset();
    for (const { route, origin, action, count } of numbers.rateCounts()) {
      rates.inc({ route, origin, action }, count);
    }
    collectTraffic(numbers.traffic());
    policies.set(stats);
    shadows.set(numbers.shadowReport());
    processes.set("sandbox", stats.host);
  }

  function collectTraffic(routes: readonly RouteTraffic[]): void {
    for (const metric of [open, buffered, messages, bytes]) metric.reset();
    for (const traffic of routes) {
      const { route } = traffic;
      open.set({ route }, traffic.sessions);
      for (const origin of ["client", "server"] as const) {
        messages.inc({ route, origin }, traffic.messages[origin]);
        bytes.inc({ route, origin }, traffic.bytes[origin]);
        buffered.set({ route, origin }, traffic.bufferedBytes[origin]);
      }
    }
  }
}

/** An application's own codes, 3000–4999, share a label each thousand: clients choose them. */
function codeLabel(code: number): string {
  return code >= 3000 ? `${Math.floor(code / 1000)}xxx` : String(code);
}
