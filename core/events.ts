import type { PolicyAlert } from "../sandbox/contract/capabilities.ts";
import type { PolicyFault, QuarantineEntry } from "../sandbox/contract/faults.ts";
import type { PolicyLogLine } from "../sandbox/contract.ts";
import type { SessionEnd } from "./session-end.ts";

/** The gateway's part in a trace (W3C Trace Context); ids as hex digits. */
export interface SpanContext {
  readonly traceId: string;
  readonly spanId: string;
  /** Of the client's span; "" at the root of a trace. */
  readonly parentId: string;
  readonly isSampled: boolean;
}

/** What the data path tells whoever listens: log, metrics, traces, the recorder, the console. Plain data. */
export type GatewayEvent =
  | {
      readonly type: "upgrade-refused";
      readonly id: string;
      readonly requestId?: RequestId;
      readonly route: string;
      readonly path: string;
      readonly status: number;
      /** A stable code for the reason, e.g. `ERR_UPSTREAM_UNREACHABLE`. */
      readonly code: string;
      readonly detail: string;
      readonly client: string;
      readonly durationMs: number;
      /** With telemetry. */
      readonly trace?: SpanContext;
    }
  | {
      /** A plain HTTP request had the server's answer, or as much of it as there was. */
      readonly type: "request-proxied";
      readonly id: string;
      readonly requestId?: RequestId;
      readonly route: string;
      readonly method: string;
      readonly path: string;
      readonly status: number;
      /** Whether the client got all of the answer. */
      readonly complete: boolean;
      readonly client: string;
      readonly server: string;
      readonly durationMs: number;
    }
  | {
      /** A plain HTTP request that the route would have proxied. */
      readonly type: "request-refused";
      readonly id: string;
      readonly requestId?: RequestId;
      readonly route: string;
      readonly method: string;
      readonly path: string;
      readonly status: number;
      readonly code: string;
      readonly detail: string;
      readonly client: string;
      readonly durationMs: number;
    }
  | {
      /** A connection that did not come as far as a request. */
      readonly type: "connection-refused";
      readonly client: string;
      readonly listener: string;
      readonly code: "ERR_PROXY_UNTRUSTED" | "ERR_PROXY_HEADER" | "ERR_TLS_HANDSHAKE" | "ERR_NO_ROOM";
      readonly detail: string;
      /** How many such connections it stands for, of which this is the last; absent: one. */
      readonly count?: number;
    }
  | {
      readonly type: "session-start";
      readonly id: string;
      readonly requestId?: RequestId;
      readonly route: string;
      readonly path: string;
      readonly client: string;
      readonly server: string;
      readonly subprotocol: string;
      readonly extensions: string;
      readonly durationMs: number;
      /** With telemetry. */
      readonly trace?: SpanContext;
    }
  | {
      /** A client that was let in without a server has one, or is not waited for any more. */
      readonly type: "hold-ended";
      readonly id: string;
      readonly route: string;
      /** `unavailable`: no server until the time was over; `refused`: it does not agree; `ended`: for another reason, see the session's end. */
      readonly outcome: "reached" | "unavailable" | "refused" | "ended";
      readonly server: string;
      /** That has held it. */
      readonly policy: string;
      readonly tries: number;
      readonly durationMs: number;
    }
  | {
      /** A `renew` hook has given an open session other attributes, or another expiry. */
      readonly type: "session-renewed";
      readonly id: string;
      readonly route: string;
      readonly policy: string;
      readonly reason: "request" | "time" | "message";
      /** Milliseconds since 1970; absent: it does not expire. */
      readonly expires?: number;
    }
  | {
      /** A message that has a span of its own, and what its policies did. */
      readonly type: "message-traced";
      readonly id: string;
      readonly route: string;
      readonly origin: "client" | "server";
      readonly sequence: number;
      /** When it was complete, milliseconds since 1970. */
      readonly time: number;
      readonly durationMs: number;
      readonly outcome: string;
      readonly length: number;
      readonly steps: readonly TracedStep[];
      /** Messages of its process since the last one that would have had spans, but were too many. */
      readonly missed: number;
    }
  | ({
      readonly type: "session-end";
      readonly id: string;
      readonly route: string;
      readonly client: string;
      readonly server: string;
    } & SessionEnd)
  | {
      readonly type: "policy-fault";
      readonly fault: PolicyFault;
      readonly route: string;
      readonly session: string;
    }
  | ({ readonly type: "upstream-down" } & ServerNews)
  | ({ readonly type: "upstream-up" } & ServerNews)
  /** Of one upgrade or request: another upstream was asked in place of one that could not be had. */
  | {
      readonly type: "upstream-failover";
      readonly upstream: string;
      readonly to: string;
      readonly reason: string;
    }
  | {
      /** Copies of sessions do not reach their mirror. */
      readonly type: "mirror-failed";
      readonly route: string;
      /** A name of `upstreams`, or a URL. */
      readonly mirror: string;
      readonly reason: string;
      /** How often, since it was last told of; this one included. */
      readonly count: number;
    }
  /** A process that asks Redis for what policies keep has no connection to it, or has one again. */
  | { readonly type: "kv-lost"; readonly pid: number; readonly reason: string }
  | {
      readonly type: "kv-back";
      readonly pid: number;
      /** The process is over: nobody is without Redis who is not there any more. */
      readonly hasEnded?: true;
    }
  /** The supervisor has no connection to what the gateways of its fleet share, or has one again. */
  | { readonly type: "cluster-lost"; readonly cluster: string; readonly reason: string }
  | { readonly type: "cluster-back"; readonly cluster: string }
  /** A policy wants people to know something. */
  | ({ readonly type: "policy-alert" } & PolicyAlert)
  /** So many alerts of a policy have not gone further: it raises too many. */
  | { readonly type: "policy-alerts-lost"; readonly policy: string; readonly count: number }
  | { readonly type: "policy-log"; readonly line: PolicyLogLine }
  | { readonly type: "policy-quarantined"; readonly entry: QuarantineEntry }
  /** The first time that a version of a shadow says otherwise than the policy in a hook; `kinds`: the parts of the verdict that differ. */
  | ({
      readonly type: "shadow-differs";
      readonly kinds: readonly string[];
      readonly route: string;
      readonly session: string;
    } & ShadowTrouble)
  /** A shadow cannot be loaded, or has no verdict to compare for the first time in a version's hook. */
  | ({ readonly type: "shadow-failed" } & ShadowTrouble)
  | { readonly type: "isolate-replaced"; readonly policy: string; readonly reason: string }
  | { readonly type: "host-started"; readonly pid: number }
  | { readonly type: "host-ended"; readonly pid: number }
  | {
      readonly type: "host-replaced";
      readonly reason: string;
      readonly detail: string;
      readonly pid: number;
    };

export interface TracedStep {
  readonly policy: string;
  readonly version: string;
  readonly action: string;
  /** From when the message was complete to the call. */
  readonly afterMs: number;
  readonly durationMs: number;
  readonly detail: string;
}

export interface ShadowTrouble {
  readonly policy: string;
  /** Where the shadow is from, as the config has it. */
  readonly from: string;
  readonly version: string;
  /** "" when it is about the whole version. */
  readonly hook: string;
  /** What went wrong; "" when nothing did. */
  readonly detail: string;
}

export type SessionEndEvent = Extract<GatewayEvent, { readonly type: "session-end" }>;

/** What the server knows the request by, where the route has a `requestId`: the client's own id, or the gateway's. */
export type RequestId = string;

/** A server gets no new connections, or gets them again. */
export interface ServerNews {
  readonly upstream: string;
  readonly target: string;
  readonly reason: string;
}

export type EmitEvent = (event: GatewayEvent) => void;
