import type { SandboxStats } from "../../sandbox/contract/stats.ts";
import type { EngineNumbers } from "./engine-numbers.ts";
import { Counter, Gauge, type MetricSet } from "./metric-set.ts";
import { createPolicyMetrics } from "./policy-metrics.ts";
import type { RouteTraffic } from "./route-traffic.ts";
import { createShadowMetrics } from "./shadow-metrics.ts";

/** The numbers of an engine as metrics: nothing is counted here, only read when somebody asks. */
export interface NumberMetrics {
  /** @param stats of the numbers' sandbox */
  set(numbers: EngineNumbers, stats: SandboxStats): void;
}

export function createNumberMetrics(registers: MetricSet[]): NumberMetrics {
  const open = new Gauge({
    name: "framegate_sessions_open",
    help: "Sessions open now.",
    labelNames: ["route"],
    registers,
  });
  const buffered = new Gauge({
    name: "framegate_buffered_bytes",
    help: "Bytes waiting in sessions for their receiver, by route and origin.",
    labelNames: ["route", "origin"],
    registers,
  });
  const held = new Gauge({
    name: "framegate_held_clients",
    help: "Clients that a policy let in and that wait for a server now; they count as open sessions too.",
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
  const healthy = new Gauge({
    name: "framegate_upstream_healthy",
    help: "Whether a server of an upstream gets new connections: 1, or 0 when one worker or more has found it unhealthy.",
    labelNames: ["upstream", "target"],
    // Over the workers, that is.
    aggregator: "min",
    registers,
  });
  const mirrored = new Counter({
    name: "framegate_mirror_messages_total",
    help: "Copies of messages for mirrors, by route and origin: sent, or lost because the mirror could not take them.",
    labelNames: ["route", "origin", "outcome"],
    registers,
  });
  const rates = new Counter({
    name: "framegate_rate_exceeded_total",
    help: "Times that a route's rate dropped a message, held a sender up or closed, by route, origin and action.",
    labelNames: ["route", "origin", "action"],
    registers,
  });
  const pinned = new Gauge({
    name: "framegate_policy_versions_pinned",
    help: 'Old versions of a policy that stay loaded for sessions of routes with reload: "pin".',
    labelNames: ["policy"],
    registers,
  });
  const policies = createPolicyMetrics(registers);
  const shadows = createShadowMetrics(registers);

  return {
    set(numbers, stats) {
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
      setTraffic(numbers.traffic());
      policies.set(stats);
      shadows.set(numbers.shadowReport());
    },
  };

  function setTraffic(routes: readonly RouteTraffic[]): void {
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
