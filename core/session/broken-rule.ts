import type { EndCause } from "../session-end.ts";

/** Which option a reason is about that the peers are told: they learn what, the log says where to change it. */
const LIMITS: Readonly<Record<string, string>> = {
  "message too big": "maxMessageSize",
  "frame too big": "limits.maxFrameSize",
  "inflates too much": "compression.maxRatio",
};

/** What an end on these grounds is about: mostly an option of the route. */
const RULES: Readonly<Record<EndCause, string>> = {
  peer: "",
  vanished: "",
  protocol: "",
  policy: "",
  "policy-fault": "onError",
  "policies-changed": "compression",
  rate: "rate",
  expire: "expire",
  expires: "expires",
  idle: "idle",
  keepalive: "keepalive",
  "slow-consumer": "slowConsumer",
  unavailable: "upstream",
  "route-disabled": "enabled",
  "route-removed": "onRemove",
  recycle: "reload",
  drain: "drain",
  admin: "",
};

/** @returns "" where nothing was broken */
export function brokenRule(cause: EndCause): string {
  return RULES[cause];
}

/** What the ledger says of a fault of the wire. */
export function faultGrounds(reason: string): { readonly detail: string; readonly rule: string } {
  const limit = Object.hasOwn(LIMITS, reason) ? LIMITS[reason] : undefined;
  if (limit === undefined) return { detail: reason, rule: reason };
  return { detail: `${reason} (\`${limit}\` of the route)`, rule: limit };
}
