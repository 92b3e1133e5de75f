import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { RouteTraffic } from "../cluster/live-view.ts";
import type { GatewayEvent } from "../events.ts";
import type { ServerHealth } from "../upstream/upstreams.ts";

/** One process's numbers in prom-client's JSON, to be summed over the processes. */
export type MetricsJson = Awaited<ReturnType<Registry["getMetricsAsJSON"]>>;

export interface EngineMetrics {
  observe(event: GatewayEvent): void;
  collect(): Promise<MetricsJson>;
}

/** Counts what happens in one process. Messages and bytes are read from the sessions when asked for, not one by one. */
export function createEngineMetrics(
  traffic: () => readonly RouteTraffic[],
  upstreamHealth: () => readonly ServerHealth[] = () => [],
): EngineMetrics {
  const registry = new Registry();
  const registers = [registry];
  const ended = new Map<string, number>();

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
  const closes = new Counter({
    name: "framegate_session_closes_total",
    help: "Sessions ended, by route, close code and who began it.",
    labelNames: ["route", "code", "initiator"],
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
  const hosts = new Counter({
    name: "framegate_sandbox_host_replacements_total",
    help: "Sandbox host processes that were replaced, by reason.",
    labelNames: ["reason"],
    registers,
  });
  const healthy = new Gauge({
    name: "framegate_upstream_healthy",
    help: "Whether a server of an upstream gets new connections: 1, or 0 when one worker or more has found it unhealthy.",
    labelNames: ["upstream", "target"],
    // Over the workers, that is.
    aggregator: "min",
    registers,
  });

  return {
    observe(event) {
      switch (event.type) {
        case "session-start":
          upgrades.inc({ route: event.route, status: "101" });
          upgradeSeconds.observe({ route: event.route }, event.durationMs / 1000);
          return;
        case "upgrade-refused":
          upgrades.inc({ route: event.route, status: String(event.status) });
          return;
        case "connection-refused":
          refusedConnections.inc({ code: event.code });
          return;
        case "session-end":
          closes.inc({ route: event.route, code: codeLabel(event.code), initiator: event.initiator });
          addEnded(event.route, event);
          return;
        case "policy-fault":
          faults.inc({ policy: event.fault.policy, hook: event.fault.hook, reason: event.fault.reason });
          return;
        case "isolate-replaced":
          isolates.inc({ policy: event.policy, reason: event.reason });
          return;
        case "host-replaced":
          hosts.inc({ reason: event.reason });
          return;
        case "upstream-down":
        case "upstream-up":
        case "policy-log":
        case "host-started":
        case "host-ended":
          return;
      }
    },

    collect() {
      healthy.reset();
      for (const { upstream, target, isHealthy } of upstreamHealth()) {
        healthy.set({ upstream, target }, isHealthy ? 1 : 0);
      }
      open.reset();
      messages.reset();
      bytes.reset();
      for (const [key, value] of ended) {
        const [kind, origin, route] = key.split(" ", 3);
        (kind === "messages" ? messages : bytes).inc({ route, origin }, value);
      }
      for (const { route, sessions, messages: sent, bytes: size } of traffic()) {
        open.set({ route }, sessions);
        for (const origin of ["client", "server"] as const) {
          messages.inc({ route, origin }, sent[origin]);
          bytes.inc({ route, origin }, size[origin]);
        }
      }
      return registry.getMetricsAsJSON();
    },
  };

  function addEnded(route: string, end: Pick<RouteTraffic, "messages" | "bytes">): void {
    for (const kind of ["messages", "bytes"] as const) {
      for (const origin of ["client", "server"] as const) {
        const key = `${kind} ${origin} ${route}`;
        ended.set(key, (ended.get(key) ?? 0) + end[kind][origin]);
      }
    }
  }
}

/** An application's own codes, 3000–4999, share a label each thousand: clients choose them. */
function codeLabel(code: number): string {
  return code >= 3000 ? `${Math.floor(code / 1000)}xxx` : String(code);
}
