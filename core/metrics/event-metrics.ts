import type { GatewayEvent } from "../events.ts";
import { Counter, Histogram, type MetricSet } from "./metric-set.ts";

/** Counts the events of one process. */
export interface EventMetrics {
  observe(event: GatewayEvent): void;
}

export function createEventMetrics(registers: MetricSet[]): EventMetrics {
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
  const sessions = new Counter({
    name: "framegate_sessions_total",
    help: "Sessions begun, by route.",
    labelNames: ["route"],
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
  const holds = new Counter({
    name: "framegate_holds_total",
    help: "Clients that a policy let in while no server could be had, by route and what came of it.",
    labelNames: ["route", "outcome"],
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
  const failovers = new Counter({
    name: "framegate_upstream_failovers_total",
    help: "Times that another upstream was asked in place of one that could not be had.",
    labelNames: ["upstream", "to"],
    registers,
  });
  const mirrorFailures = new Counter({
    name: "framegate_mirror_failures_total",
    help: "Times that a mirror could not be had, closed or broke the protocol, by route.",
    labelNames: ["route"],
    registers,
  });
  const upgradeRates = new Counter({
    name: "framegate_upgrade_rate_exceeded_total",
    help: "Upgrades that were refused because more came than upgradeRate allows, by route.",
    labelNames: ["route"],
    registers,
  });

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
        case "cluster-lost":
        case "cluster-back":
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
  };
}

/** An application's own codes, 3000–4999, share a label each thousand: clients choose them. */
function codeLabel(code: number): string {
  return code >= 3000 ? `${Math.floor(code / 1000)}xxx` : String(code);
}
