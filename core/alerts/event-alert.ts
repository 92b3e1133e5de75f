import type { GatewayEvent } from "../events.ts";
import type { Alert } from "./alert.ts";

/** What an event of the gateway's is worth an alert. Undefined: nothing, as of most of them. */
export function alertOfEvent(event: GatewayEvent): Alert | undefined {
  switch (event.type) {
    case "policy-fault": {
      const { policy, version, hook, reason, message } = event.fault;
      return {
        event: "policy.failed",
        summary: `policy "${policy}" failed in its ${hook} hook: ${message}`,
        subject: { policy, version, hook, reason },
        details: { message, route: event.route, session: event.session },
      };
    }
    case "policy-quarantined": {
      const { policy, version, reason } = event.entry;
      return {
        event: "policy.quarantined",
        summary: `policy "${policy}" is in quarantine: it cost its sandbox host (${reason})`,
        subject: { policy, version },
        details: { reason },
      };
    }
    case "policy-alert": {
      const { policy, version, name, details } = event;
      return {
        event: "policy.alert",
        summary: `policy "${policy}": ${name}`,
        subject: { policy, version, name },
        details,
      };
    }
    case "upstream-down":
    case "upstream-up": {
      const { upstream, target, reason } = event;
      const isUp = event.type === "upstream-up";
      return {
        event: isUp ? "upstream.up" : "upstream.down",
        summary: isUp
          ? `${target} of upstream "${upstream}" is healthy again`
          : `${target} of upstream "${upstream}" gets no new connections: ${reason}`,
        subject: { upstream, target },
        details: { reason },
      };
    }
    case "kv-lost":
      return {
        event: "kv.lost",
        summary: `no connection to Redis, calls of kv fail: ${event.reason}`,
        subject: {},
        details: { reason: event.reason },
      };
    case "kv-back":
      return { event: "kv.back", summary: "the connection to Redis is back", subject: {}, details: {} };
    case "cluster-lost":
      return {
        event: "cluster.lost",
        summary: `no connection to the Redis of the cluster: ${event.reason}`,
        subject: {},
        details: { reason: event.reason },
      };
    case "cluster-back": {
      const summary = "the connection to the Redis of the cluster is back";
      return { event: "cluster.back", summary, subject: {}, details: {} };
    }
    case "host-replaced": {
      const { reason, detail } = event;
      return {
        event: "sandbox.host-replaced",
        summary: `a sandbox host was replaced (${reason}): ${detail}`,
        subject: { reason },
        details: { detail },
      };
    }
    case "connection-refused": {
      if (event.code !== "ERR_NO_ROOM") return undefined;
      const { listener, detail, count = 1 } = event;
      return {
        event: "connections.refused",
        summary: `there is no room for connections on ${listener}: ${detail}`,
        subject: { listener },
        details: { detail, refused: count },
      };
    }
    case "upgrade-refused":
    case "request-proxied":
    case "request-refused":
    case "session-start":
    case "session-renewed":
    case "session-end":
    case "upstream-failover":
    case "mirror-failed":
    case "policy-log":
    case "policy-alerts-lost":
    case "message-traced":
    case "hold-ended":
    case "shadow-differs":
    case "shadow-failed":
    case "isolate-replaced":
    case "host-started":
    case "host-ended":
      return undefined;
  }
}
