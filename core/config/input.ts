import type { DrainInput } from "./drain.ts";
import type { ListenerInput } from "./listener.ts";
import type { Duration, Size } from "./units.ts";

/**
 * What a config file may hold, as an editor shows it: the input side of schema.ts, in words. A test keeps the two, and
 * the texts in both, the same.
 */
export interface ConfigInput {
  /** Where an editor finds the JSON Schema of this file. Ignored by the gateway. */
  readonly $schema?: string;
  /** Where clients connect. Default: one listener on 127.0.0.1:8080. */
  readonly listen?: readonly ListenerInput[];
  /** Where the console is served, or false for none. Default: 127.0.0.1:9090. */
  readonly console?: ConsoleInput | false;
  /** Folder of the policies, relative to the config file. Default: "./policies". */
  readonly policies?: string;
  /** Worker processes; 0 runs the sessions inside this process, for embedding and tests. Default: the number of cores. */
  readonly workers?: number;
  /** What is logged. */
  readonly log?: LogInput;
  /** How the open sessions are ended when the gateway stops. */
  readonly drain?: DrainInput;
  /** Whether an edit of this file is taken at once, as after SIGHUP. Default: true for `framegate dev`, else false. */
  readonly watchConfig?: boolean;
  /** Limits of the policies and of the process that runs them. */
  readonly sandbox?: SandboxInput;
  /** The routes, most specific path first or not: the most specific wins. Policies may bring routes of their own. Default: none. */
  readonly routes?: readonly RouteInput[];
}

export interface ConsoleInput {
  /** Address to listen on; "0.0.0.0" or "::" for all. Default: "127.0.0.1". */
  readonly host?: string;
  /** Port to listen on; 0 lets the system choose. Default: 9090. */
  readonly port?: number;
}

export interface LogInput {
  /** The least severe level that is logged. Default: "info". */
  readonly level?: LogLevel;
}

export type LogLevel = "debug" | "info" | "warn" | "error" | "silent";

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

export interface RouteInput {
  /** Path that clients ask for: literal segments, `:name` for any one segment, a final `*` for the rest. */
  readonly path: string;
  /** The server behind this route: an http, https, ws or wss URL. */
  readonly upstream: string;
  /** The chain, by file name below the policies folder without its ending, or "*" for every policy there that has no route of its own. Default: none. */
  readonly policies?: "*" | readonly (string | PolicyUseInput)[];
  /** MIME type of message bodies; policies read and write values when it is a JSON type. Default: "application/json". */
  readonly contentType?: string;
  /** What becomes of a message whose policy failed: close the connection, drop the message, or pass it on unchanged. Default: "close". */
  readonly onError?: "close" | "drop" | "pass";
  /** Largest message in either direction, inflated, in bytes or with a unit. Default: "1MiB". */
  readonly maxMessageSize?: Size;
  /** Longest time to connect to the server; 0: unlimited. Default: "10s". */
  readonly connectTimeout?: Duration | 0;
  /** Longest time until the server has answered the handshake; 0: unlimited. Default: "10s". */
  readonly handshakeTimeout?: Duration | 0;
  /** Longest time between the two Close frames; 0: unlimited. Default: "10s". */
  readonly closeTimeout?: Duration | 0;
  /** Whether permessage-deflate may be negotiated. Default: true. */
  readonly compression?: boolean;
}

export interface PolicyUseInput {
  /** Name of the policy: its file below the policies folder, without the ending. */
  readonly use: string;
  /** What the policy reads as `options`: plain JSON. Default: {}. */
  readonly options?: Readonly<Record<string, unknown>>;
}
