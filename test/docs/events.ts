import type { GatewayEvent } from "../../core/events.ts";

const connection = { id: "id-1", route: "/", client: "127.0.0.1:1", server: "ws://127.0.0.1/" };
const trace = { traceId: "1".repeat(32), spanId: "2".repeat(16), parentId: "", isSampled: true };
const none = { client: 0, server: 0 };
const fault = {
  reason: "throw",
  policy: "a",
  version: "1",
  hook: "client",
  message: "it failed",
  stack: "at a",
} as const;

const byType: { readonly [Type in GatewayEvent["type"]]: Extract<GatewayEvent, { readonly type: Type }> } = {
  "session-start": {
    ...{ type: "session-start", ...connection, requestId: "id-1" },
    ...{ path: "/", subprotocol: "", extensions: "", durationMs: 1, trace },
  },
  "hold-ended": {
    type: "hold-ended",
    ...{ id: "id-1", route: "/", outcome: "reached", server: "ws://127.0.0.1/", policy: "a" },
    ...{ tries: 2, durationMs: 1 },
  },
  "session-renewed": {
    type: "session-renewed",
    ...{ id: "id-1", route: "/", policy: "a", reason: "message", expires: 1 },
  },
  "session-end": {
    ...{ type: "session-end", ...connection },
    ...{
      initiator: "client",
      code: 1000,
      reason: "",
      cause: "peer",
      detail: "",
      policy: "",
      version: "",
      rule: "",
      codes: { client: { sent: 1000, got: 1000 }, server: { sent: 1000, got: 1000 } },
      durationMs: 1,
      messages: none,
      bytes: none,
    },
  },
  "message-traced": {
    ...{ type: "message-traced", id: "id-1", route: "/", origin: "client", sequence: 1, time: 1 },
    ...{ durationMs: 1, outcome: "passed", length: 1, steps: [], missed: 0 },
  },
  "upgrade-refused": {
    ...{ type: "upgrade-refused", id: "id-2", requestId: "id-2", route: "/", path: "/" },
    ...{
      client: "127.0.0.1:1",
      status: 429,
      code: "ERR_TOO_MANY_UPGRADES",
      detail: "",
      durationMs: 1,
      trace,
    },
  },
  "request-proxied": {
    ...{ type: "request-proxied", ...connection, requestId: "id-1", method: "GET", path: "/" },
    ...{ status: 200, complete: true, durationMs: 1 },
  },
  "request-refused": {
    ...{ type: "request-refused", id: "id-3", requestId: "id-3", route: "/", method: "GET", path: "/" },
    ...{ status: 403, code: "ERR_ORIGIN", detail: "", client: "127.0.0.1:1", durationMs: 1 },
  },
  "connection-refused": {
    ...{ type: "connection-refused", client: "127.0.0.1:1", listener: "127.0.0.1:8080" },
    ...{ code: "ERR_TLS_HANDSHAKE", detail: "", count: 2 },
  },
  "policy-fault": { type: "policy-fault", fault, route: "/", session: "id-1" },
  "policy-alert": {
    type: "policy-alert",
    policy: "a",
    version: "v1",
    name: "brute-force",
    details: { tries: 9 },
  },
  "policy-alerts-lost": { type: "policy-alerts-lost", policy: "a", count: 3 },
  "policy-log": {
    type: "policy-log",
    line: { level: "info", policy: "a", route: "/", session: "id-1", text: "hello" },
  },
  "upstream-down": { type: "upstream-down", upstream: "a", target: "ws://a/", reason: "" },
  "upstream-up": { type: "upstream-up", upstream: "a", target: "ws://a/", reason: "" },
  "upstream-failover": { type: "upstream-failover", upstream: "a", to: "b", reason: "" },
  "mirror-failed": { type: "mirror-failed", route: "/", mirror: "next", reason: "", count: 1 },
  "kv-lost": { type: "kv-lost", pid: 1, reason: "" },
  "kv-back": { type: "kv-back", pid: 1 },
  "cluster-lost": { type: "cluster-lost", cluster: "", reason: "" },
  "cluster-back": { type: "cluster-back", cluster: "" },
  "policy-quarantined": {
    type: "policy-quarantined",
    entry: { policy: "a", version: "1", reason: "hang", until: 1 },
  },
  "shadow-differs": {
    ...{
      type: "shadow-differs",
      policy: "a",
      from: "next",
      version: "2",
      hook: "client",
      detail: "it failed",
    },
    ...{ kinds: ["message"], route: "/", session: "id-1" },
  },
  "shadow-failed": {
    ...{ type: "shadow-failed", policy: "a", from: "next", version: "2", hook: "", detail: "it failed" },
  },
  "isolate-replaced": { type: "isolate-replaced", policy: "a", reason: "timeout" },
  "host-started": { type: "host-started", pid: 1 },
  "host-ended": { type: "host-ended", pid: 1 },
  "host-replaced": { type: "host-replaced", reason: "silent", detail: "", pid: 1 },
};

/** A new kind of event does not compile until it is here. */
export const oneOfEachEvent: readonly GatewayEvent[] = Object.values(byType);
