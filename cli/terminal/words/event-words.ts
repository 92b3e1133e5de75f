import type { GatewayEvent } from "../../../core/events.ts";
import { wordFault } from "./fault-words.ts";
import { wordEnd, wordHoldEnd, wordProxied, wordRefusal, wordStart } from "./session-words.ts";
import type { Words } from "./words.ts";

/** Undefined: the log's own words do. */
export function sayEvent(
  event: GatewayEvent,
  readSource: (file: string) => string = () => "",
): Words | undefined {
  switch (event.type) {
    case "session-start":
      return wordStart(event);
    case "session-end":
      return wordEnd(event);
    case "upgrade-refused":
    case "request-refused":
      return wordRefusal(event);
    case "request-proxied":
      return wordProxied(event);
    case "hold-ended":
      return wordHoldEnd(event);
    case "session-renewed": {
      const { id: session, route, policy, reason } = event;
      return { level: "info", subject: route, text: `renewed by policy ${policy} (${reason})`, session };
    }
    case "connection-refused": {
      const { client, code, detail, count = 1 } = event;
      const many = count === 1 ? "connection refused" : `${count} connections refused`;
      const level = code === "ERR_NO_ROOM" ? "error" : "info";
      return { level, text: `${many}: ${detail} (${client})`, code };
    }
    case "policy-fault":
      return wordFault(event.fault, event.session, readSource);
    case "policy-log": {
      const { level, policy: subject, text, session } = event.line;
      return { level, subject, text, session };
    }
    case "upstream-down":
      return {
        ...{ level: "warn", subject: event.upstream },
        text: `${event.target} gets no new connections: ${event.reason}`,
      };
    case "upstream-up":
      return { level: "info", subject: event.upstream, text: `${event.target} is healthy again` };
    case "kv-lost":
      return { level: "error", text: `${KV_LOST} (${event.reason})` };
    case "kv-back":
      return { level: "info", text: "the connection to Redis is back" };
    case "cluster-lost":
      return { level: "error", subject: event.cluster, text: `${CLUSTER_LOST} (${event.reason})` };
    case "cluster-back":
      return { level: "info", subject: event.cluster, text: "the connection to its Redis is back" };
    case "isolate-replaced":
      // The fault of the call that cost it is a line of its own.
      return { level: "debug", subject: event.policy, text: `runs in a fresh isolate (${event.reason})` };
    case "message-traced":
    case "upstream-failover":
    case "mirror-failed":
    case "policy-alert":
    case "policy-alerts-lost":
    case "policy-quarantined":
    case "shadow-differs":
    case "shadow-failed":
    case "host-started":
    case "host-ended":
    case "host-replaced":
      return undefined;
  }
}

const KV_LOST = "no connection to Redis, so calls of kv fail: see whether it runs where kv.url says";
const CLUSTER_LOST =
  "no connection to its Redis, so this gateway is by itself: see whether it runs where cluster.url says";
