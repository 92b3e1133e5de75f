import type { ConnectionsInput, SubprotocolsInput } from "./options/admission.ts";
import type { GrantInput, KvInput, SecretInput } from "./options/capabilities.ts";
import type { CompressionInput } from "./options/compression.ts";
import type { ConsoleInput } from "./options/console.ts";
import type { ContentTypeInput } from "./options/content-type.ts";
import type { CorsInput, CorsProfileInput } from "./options/cors.ts";
import type { DrainInput } from "./options/drain.ts";
import type { HeadersInput, RequestIdInput } from "./options/header-rules.ts";
import type { ListenerInput } from "./options/listener.ts";
import type { LogLevel } from "./options/log-level.ts";
import type { ObservationInput } from "./options/observation.ts";
import type { PacksInput } from "./options/packs.ts";
import type { RedactInput } from "./options/redact.ts";
import type { RouteMatchInput } from "./options/route-match.ts";
import type { SessionInput } from "./options/session.ts";
import type { TelemetryInput } from "./options/telemetry.ts";
import type { TrafficInput } from "./options/traffic.ts";
import type { Duration, Size } from "./options/units.ts";
import type { ConnectInput, UpstreamInput } from "./options/upstream-input.ts";

/**
 * What a config file may hold, as an editor shows it: the input side of schema.ts, in words. A test keeps the two, and
 * the texts in both, the same. `Use` is a policy in a chain.
 */
export interface ConfigInput<Use = string | PolicyUseInput> {
  /** Where an editor finds the JSON Schema of this file. Ignored by the gateway. */
  readonly $schema?: string;
  /** Where clients connect. Default: one listener on 127.0.0.1:8080. */
  readonly listen?: readonly ListenerInput[];
  /** Where the console is served, or false for none. Default: 127.0.0.1:9090. */
  readonly console?: ConsoleInput | false;
  /** Folder of the policies, relative to the config file. Default: "./policies". */
  readonly policies?: string;
  /** Which packs of policies are believed. */
  readonly packs?: PacksInput;
  /** Worker processes; 0 runs the sessions inside this process, for embedding and tests. Default: the number of cores. */
  readonly workers?: number;
  /** What is logged. */
  readonly log?: LogInput;
  /** How the open sessions are ended when the gateway stops. */
  readonly drain?: DrainInput;
  /** How much of what is recorded is kept, and where. Routes say what is recorded. */
  readonly traffic?: TrafficInput;
  /** What is hidden in all that is recorded, shown, exported and logged. */
  readonly redact?: RedactInput;
  /** Whether an edit of this file is taken at once, as after SIGHUP. Default: true for `framegate dev`, else false. */
  readonly watchConfig?: boolean;
  /** Limits of the policies and of the process that runs them. */
  readonly sandbox?: SandboxInput;
  /** What policies may do beyond reading and answering messages, by name, or by the beginning of names with a "*" behind it; the longest that fits counts. Default: nothing. */
  readonly grants?: Readonly<Record<string, GrantInput>>;
  /** Values that policies may read when they are granted, by name. Default: none. */
  readonly secrets?: Readonly<Record<string, SecretInput>>;
  /** Where the values are kept that policies keep with `kv`. */
  readonly kv?: KvInput;
  /** What other systems are told of sessions. */
  readonly telemetry?: TelemetryInput;
  /** Proxies before the gateway whose X-Forwarded-* and Forwarded headers are believed; of all others they are replaced. Default: none is believed, and the gateway adds to them. */
  readonly trustedProxies?: readonly string[];
  /** Options of `cors` that routes share by name. Default: none. */
  readonly corsProfiles?: Readonly<Record<string, CorsProfileInput>>;
  /** The routes, most specific path first or not: the most specific wins. Policies may bring routes of their own. Default: none. */
  readonly routes?: readonly RouteInput<Use>[];
  /** Servers by name, for routes and for the `connect` of `upgrade` verdicts. Default: none. */
  readonly upstreams?: Readonly<Record<string, UpstreamInput>>;
  /** Where the `connect` of `upgrade` verdicts may lead, on routes that do not say it themselves. */
  readonly connect?: ConnectInput;
}

export interface LogInput {
  /** The least severe level that is logged. Default: "info". */
  readonly level?: LogLevel;
}

export interface SandboxInput {
  /** Longest synchronous run of one `client`, `server` or `close` hook. Default: "50ms". */
  readonly messageTimeout?: Duration;
  /** Longest synchronous run of one `upgrade` hook. Default: "250ms". */
  readonly upgradeTimeout?: Duration;
  /** Longest run of a policy's top level when it is loaded. Default: "1s". */
  readonly loadTimeout?: Duration;
  /** Longest time until the promise of an async hook settles. Default: "2s". */
  readonly asyncTimeout?: Duration;
  /** Heap of one policy, in bytes or with a unit, at least 8MiB. Default: "128MiB". */
  readonly memoryLimit?: Size;
  /** How often the sandbox host is asked whether it is alive. Default: "100ms". */
  readonly heartbeat?: Duration;
  /** A sandbox host that has not answered for so long is replaced. Default: "1s". */
  readonly silence?: Duration;
  /** A sandbox host whose resident memory is above this is replaced, in bytes or with a unit. Default: "1GiB". */
  readonly maxMemory?: Size;
  /** Keep a second sandbox host ready to take over. Default: true. */
  readonly warmSpare?: boolean;
}

export interface RouteInput<Use = string | PolicyUseInput> extends SessionInput, ObservationInput {
  /** Path that clients ask for: literal segments, `:name` for any one segment, a final `*` for the rest. */
  readonly path: string;
  /** What the log and the metrics call the route; no two may have the same. Default: the path, behind the hosts of `match` and before its headers. */
  readonly name?: string;
  /** What a request must have beside its path, so that several routes can share one. Default: nothing. */
  readonly match?: RouteMatchInput;
  /** Whether the route is served; one that is not answers 404, and its open sessions get Close 1001. Default: true. */
  readonly enabled?: boolean;
  /** Origins whose pages may connect: exact, with "*." before a host or ":*" behind it, "same" for the host that is asked, "null", or "*" for all; others get 403. Default: ["*"]. */
  readonly origins?: readonly string[];
  /** Refuse a request without an Origin header too: what is no browser. Default: false. */
  readonly originRequired?: boolean;
  /** Which of the subprotocols that a client offers the server hears of. */
  readonly subprotocols?: SubprotocolsInput;
  /** How many connections may be open at once; one more gets 429. */
  readonly connections?: ConnectionsInput;
  /** Headers that are set, added or removed, before policies change any. */
  readonly headers?: HeadersInput;
  /** The Host header that the server gets: that of the upstream's URL, the client's own, or this host. Default: "upstream". */
  readonly hostHeader?: string;
  /** How the server learns of the client: by X-Forwarded-For, -Proto and -Host, by Forwarded (RFC 7239), by both, or not. Default: ["x-forwarded"]. */
  readonly forwarded?: readonly ("x-forwarded" | "forwarded")[];
  /** A header with the id of the log, sent to the server and in the answer to the client, or false for none. Default: false. */
  readonly requestId?: RequestIdInput | false;
  /** What pages of other origins may do with plain HTTP on the route, or the name of a profile. Default: nothing is said about it. */
  readonly cors?: string | CorsInput;
  /** What a plain HTTP request gets: 426, or what the upstream answers to it. Default: "refuse". */
  readonly http?: "refuse" | "proxy";
  /** Longest time until the server has begun its answer to a plain HTTP request; 0: unlimited. Default: "1m". */
  readonly httpTimeout?: Duration | 0;
  /** The server behind this route: an http, https, ws or wss URL, unix:/path/to.sock:/path, the name of one of `upstreams`, or an object like those. */
  readonly upstream: string | UpstreamInput;
  /** The chain, by file name below the policies folder without its ending, or "*" for every policy there that has no route of its own. Default: none. */
  readonly policies?: "*" | readonly Use[];
  /** MIME type of message bodies, also by who sends them and by opcode; policies read and write values when it is a JSON type. Default: "application/json". */
  readonly contentType?: string | ContentTypeInput;
  /** What becomes of a message whose policy failed: close the connection, drop the message, or pass it on unchanged. Default: "close". */
  readonly onError?: "close" | "drop" | "pass";
  /** Largest message in either direction (inflated where policies read it, else as on the wire), in bytes or with a unit. Default: "1MiB". */
  readonly maxMessageSize?: Size;
  /** Longest time to connect to the server; 0: unlimited. Default: "10s". */
  readonly connectTimeout?: Duration | 0;
  /** Longest time until the server has answered the handshake; 0: unlimited. Default: "10s". */
  readonly handshakeTimeout?: Duration | 0;
  /** Longest time between the two Close frames; 0: unlimited. Default: "10s". */
  readonly closeTimeout?: Duration | 0;
  /** Whether permessage-deflate may be negotiated, on which legs, and how. Default: true. */
  readonly compression?: boolean | CompressionInput;
  /** Where the `connect` of an `upgrade` verdict may lead. Default: the config's own `connect`. */
  readonly connect?: ConnectInput;
}

export interface PolicyUseInput {
  /** Name of the policy: its file below the policies folder, without the ending. */
  readonly use: string;
  /** What the policy reads as `options`: plain JSON. Default: {}. */
  readonly options?: Readonly<Record<string, unknown>>;
  /** Whether the policy is in the chain; one that is not stays configured. Default: true. */
  readonly enabled?: boolean;
  /** Which of the policy's hooks run in this chain. Default: all that it exports. */
  readonly hooks?: readonly ("upgrade" | "client" | "server" | "close")[];
}
