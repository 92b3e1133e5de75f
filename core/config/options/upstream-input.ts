import type { Duration } from "./units.ts";

export interface UpstreamInput {
  /** The only server, in place of `targets`: an http, https, ws or wss URL, or unix:/path/to.sock:/path. */
  readonly url?: string;
  /** The servers, at least one. */
  readonly targets?: readonly TargetInput[];
  /** Which server the next connection goes to: the next by weight, the one with fewest connections, the one that answers handshakes fastest, or by a hash. Default: "round-robin". */
  readonly balance?: "round-robin" | "least-connections" | "fastest" | HashInput;
  /** Most connections to one server at a time, in each worker; -1: unlimited. Default: -1. */
  readonly maxConnections?: number;
  /** Where connections wait when every server has its most. */
  readonly queue?: QueueInput;
  /** What happens when a server cannot be reached or does not answer. */
  readonly retry?: RetryInput;
  /** When a server gets no new connections for a while. */
  readonly health?: HealthInput;
  /** TLS to servers of https and wss URLs. */
  readonly tls?: TlsInput;
  /** How long the addresses of a name are used. */
  readonly dns?: DnsInput;
  /** How many redirects of a server to allowed hosts are followed at the handshake; 0: none, the client gets them. Default: 0. */
  readonly redirects?: number;
  /** An HTTP proxy that is asked to CONNECT to the server, with user and password if it wants them: "http://user:password@host:3128". */
  readonly proxy?: string;
}

export interface TargetInput {
  /** The server: an http, https, ws or wss URL, or unix:/path/to.sock:/path. */
  readonly url: string;
  /** Path of a Unix socket to connect to; `url` then gives scheme, Host header and path. */
  readonly socket?: string;
  /** Share of the connections among the servers of one priority. Default: 1. */
  readonly weight?: number;
  /** Servers of a lower number go first; the next number's turn comes when none of them is healthy. Default: 0. */
  readonly priority?: number;
}

export interface HashInput {
  /** What is hashed: "header:NAME", "param:NAME" (of the path, else of the query), "attribute:NAME" (of the upgrade's attributes) or "address". */
  readonly hash: string;
}

export interface QueueInput {
  /** How many connections may wait, in each worker; the next gets 503. Default: 0. */
  readonly size?: number;
  /** How long one waits before it gets 503. Default: "1s". */
  readonly timeout?: Duration;
}

export interface RetryInput {
  /** How many other servers are tried, before the client has its 101. Default: 1. */
  readonly attempts?: number;
}

export interface HealthInput {
  /** A server is ejected after so many failed attempts in a row; 0: never. Default: 5. */
  readonly failures?: number;
  /** How long a server is ejected, doubled each time that it fails again. Default: "10s". */
  readonly eject?: Duration;
  /** Longest ejection. Default: "5m". */
  readonly maxEject?: Duration;
  /** How long a server that comes back takes to get its whole share; 0: at once. Default: "30s". */
  readonly slowStart?: Duration | 0;
  /** Asks each server whether it is well, from each worker. Default: none. */
  readonly check?: CheckInput;
}

export interface CheckInput {
  /** What is asked: a GET, or an upgrade that is ended at once. Default: "http". */
  readonly probe?: "http" | "upgrade";
  /** Path that is asked for. Default: "/". */
  readonly path?: string;
  /** How often it is asked. Default: "5s". */
  readonly interval?: Duration;
  /** Longest time until the answer. Default: "2s". */
  readonly timeout?: Duration;
  /** Status of a server that is well; for an upgrade it is 101. Default: 200. */
  readonly expect?: number;
}

export interface TlsInput {
  /** File of the certificates (PEM) that are trusted, in place of the system's. */
  readonly ca?: string;
  /** File of the client certificate (PEM), with `key`. */
  readonly cert?: string;
  /** File of the client certificate's key (PEM). */
  readonly key?: string;
  /** Name for SNI and for the check of the certificate, in place of the URL's host. */
  readonly servername?: string;
  /** Whether the server's certificate is checked. Default: true. */
  readonly verify?: boolean;
  /** Oldest version of TLS. Default: "TLSv1.2". */
  readonly minVersion?: "TLSv1.2" | "TLSv1.3";
  /** Newest version of TLS. Default: "TLSv1.3". */
  readonly maxVersion?: "TLSv1.2" | "TLSv1.3";
  /** Ciphers, in OpenSSL's words, in place of Node's. */
  readonly ciphers?: string;
}

export interface DnsInput {
  /** How long the addresses of a name are used before they are asked for again; 0: for each connection. Default: "30s". */
  readonly maxAge?: Duration | 0;
}

export interface ConnectInput {
  /** Servers that a policy may connect to beside the configured ones, as scheme, host and port: "https://*.orders.internal", "http://127.0.0.1:*". Default: none. */
  readonly allow?: readonly string[];
}
