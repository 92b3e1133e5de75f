import type { GatewayEvent, SessionEndEvent } from "../../../core/events.ts";
import { showDuration } from "../../../core/terminal/duration.ts";
import type { Words } from "./words.ts";

type EventOf<Type extends GatewayEvent["type"]> = Extract<GatewayEvent, { readonly type: Type }>;

export function wordStart({ id, route, client, server, subprotocol }: EventOf<"session-start">): Words {
  const as = subprotocol === "" ? "" : ` as ${subprotocol}`;
  const to = server === "" ? "held until there is a server" : `→ ${server}`;
  return { level: "info", subject: route, text: `101 ${to}${as} (${client})`, session: id };
}

export function wordEnd(event: SessionEndEvent): Words {
  const { id, route, durationMs, messages } = event;
  const carried = `${messages.client} ↑ ${messages.server} ↓`;
  const text = `${wordGrounds(event)} after ${showDuration(durationMs)}, ${carried}`;
  return { level: "info", subject: route, text, session: id };
}

/** @param event of an upgrade, or of a plain HTTP request */
export function wordRefusal(event: EventOf<"upgrade-refused"> | EventOf<"request-refused">): Words {
  const { id, route, path, status, detail, code, client } = event;
  const what = route === "" || route === path ? `${status} refused` : `${status} ${path} refused`;
  const why = detail === "" ? "" : `: ${detail}`;
  return {
    level: status >= 500 ? "warn" : "info",
    subject: route === "" ? path : route,
    text: `${what}${why} (${client})`,
    ...{ code, session: id },
  };
}

export function wordProxied(event: EventOf<"request-proxied">): Words {
  const { id, route, method, path, status, complete, client, durationMs } = event;
  const end = complete ? `in ${showDuration(durationMs)}` : `broken off after ${showDuration(durationMs)}`;
  return {
    level: "info",
    subject: route,
    text: `${status} ${method} ${path} ${end} (${client})`,
    session: id,
  };
}

export function wordHoldEnd(event: EventOf<"hold-ended">): Words {
  const { id, route, outcome, server, tries, durationMs } = event;
  const time = `after ${showDuration(durationMs)} and ${tries} ${tries === 1 ? "try" : "tries"}`;
  const text =
    outcome === "reached"
      ? `held client has its server ${time} → ${server}`
      : `held client has no server (${outcome}) ${time}`;
  return { level: "info", subject: route, text, session: id };
}

function wordGrounds(event: SessionEndEvent): string {
  const { cause, detail, initiator, policy, rule } = event;
  const closed = wordClose(event);
  switch (cause) {
    case "peer":
      return `${closed} by the ${initiator}`;
    case "vanished":
      return `${initiator} is gone without a Close frame (${detail})`;
    case "protocol":
      return `${closed}: the ${initiator} broke the protocol (${rule || detail})`;
    case "policy":
      return `${closed} by policy ${policy || detail}${rule === "" ? "" : ` (${rule})`}`;
    case "policy-fault":
      return `${closed}: policy ${policy || detail} failed`;
    case "policies-changed":
      return `${closed}: the new policies cannot read its compression`;
    case "rate":
      return `${closed}: the ${detail} sent more than the route's rate`;
    case "expire":
      return `${closed}: the route's expire was up (${detail})`;
    case "expires":
      return `${closed}: the time that policy ${policy} gave it was up`;
    case "idle":
      return `${closed}: idle for ${detail}`;
    case "keepalive":
      return `${closed}: no answer to a ping from the ${detail}`;
    case "slow-consumer":
      return `${closed}: the ${detail} took too little for too long`;
    case "unavailable":
      return `${closed}: no server could be had (${detail})`;
    case "route-disabled":
      return `${closed}: the route was disabled`;
    case "route-removed":
      return `${closed}: the route is gone`;
    case "recycle":
      return `${closed}: the route or its policies changed`;
    case "drain":
      return `${closed}: drained${detail === "" ? "" : ` (${detail})`}`;
    case "admin":
      return `${closed} by an operator`;
  }
}

/** 1005 and 1006 were never on the wire. */
function wordClose({ code, reason }: SessionEndEvent): string {
  const why = reason === "" ? "" : ` "${reason}"`;
  if (code === 1005) return "closed without a code";
  if (code === 1006) return `cut off${why}`;
  return `closed ${code}${why}`;
}
