// Written by scripts/write-config.ts from the schemas in core/config/options: edit those.
// biome-ignore-all format: a script cannot know how long lines are broken

import type { Duration, Size } from "../options/units.ts";

export interface ConfigInput<Use = string | PolicyUseInput> {
  /** Where an editor finds the JSON Schema of this file. Ignored by the gateway. */
  readonly $schema?: string;
  /** Where clients connect. Default: one listener on 127.0.0.1:8080. */
  readonly listen?: readonly ListenerInput[];
  /** Where the console is served, or false for none. Default: 127.0.0.1:9090. */
  readonly console?: false | ConsoleInput;
  /** Folder of the policies, relative to the config file; with a `source`, relative to that. Default: "./policies". */
  readonly policies?: string;
  /** Where policies come from by themselves, version after version. Default: the folder is this machine's. */
  readonly source?: SourceInput;
  /** Which packs of policies are believed. */
  readonly packs?: PacksInput;
  /** Worker processes; 0 runs the sessions inside this process, for embedding and tests. Default: the number of cores, and 1 with `framegate dev`. */
  readonly workers?: number;
  /** A worker process that has not answered the supervisor for so long (it is stopped, or hangs) is killed and replaced, and its sessions end; 0: never. Default: "10s". */
  readonly workerSilence?: Duration | 0;
  /** Most client connections, over all workers; further ones get 503. 0: as many as each worker process can have open by its limit on open files (ulimit -n), which also holds below any other number. Default: 0. */
  readonly maxConnections?: number;
  /** What is logged. */
  readonly log?: LogInput;
  /** How the open sessions are ended when the gateway stops. */
  readonly drain?: DrainInput;
  /** Whether upgrades, frames and closes are kept for the console, on listeners and routes that do not say it: true, false, or how much of them. Default: true for `framegate dev`, else false. */
  readonly recording?: boolean | RecordingInput;
  /** How much of what is recorded is kept, and where. Routes say what is recorded. */
  readonly traffic?: TrafficInput;
  /** Where else what is recorded goes, after redaction: files and databases. Default: nowhere. */
  readonly sinks?: readonly SinkInput[];
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
  /** Redis that makes several gateways a fleet. Default: none, this gateway is by itself. */
  readonly cluster?: ClusterInput;
  /** Who is told of what goes wrong, and of what policies say. Default: nobody but the log. */
  readonly alerts?: readonly AlertInput[];
  /** What other systems are told of sessions. */
  readonly telemetry?: TelemetryInput;
  /** Proxies before the gateway whose X-Forwarded-* and Forwarded headers are believed; of all others they are replaced. Default: none is believed, and the gateway adds to them. */
  readonly trustedProxies?: readonly string[];
  /** Origins whose pages may connect, on listeners and routes that do not say it, written as in `origins` of a route. Default: ["same"], and for `framegate dev` pages of this machine too. */
  readonly origins?: string | readonly string[];
  /** Lists of origins that the config, listeners and routes share by name. Default: none. */
  readonly originProfiles?: Readonly<Record<string, readonly string[]>>;
  /** How many upgrades may come in a time, on routes that do not say it themselves; each of them counts by itself. False: no limit. Default: false. */
  readonly upgradeRate?: false | UpgradeRateInput;
  /** Options of `cors` that routes share by name. Default: none. */
  readonly corsProfiles?: Readonly<Record<string, CorsProfileInput>>;
  /** A second server that gets copies of messages, on routes that do not say it themselves; false: none. Default: false. */
  readonly mirror?: false | MirrorInput;
  /** How new versions of policies come to sessions, on routes that do not say it themselves: step by step, with a way back; false: to all at once. Default: false. */
  readonly rollout?: false | RolloutInput;
  /** The routes, most specific path first or not: the most specific wins. Policies may bring routes of their own. Default: none. */
  readonly routes?: readonly RouteInput<Use>[];
  /** Servers by name, for routes and for the `connect` of `upgrade` verdicts. Default: none. */
  readonly upstreams?: Readonly<Record<string, UpstreamInput>>;
  /** Where the `connect` of `upgrade` verdicts may lead, on routes that do not say it themselves. */
  readonly connect?: ConnectInput;
}

export interface ListenerInput {
  /** Address to listen on; "0.0.0.0" or "::" for all. Default: "127.0.0.1". */
  readonly host?: string;
  /** Port to listen on; 0 lets the system choose. Default: 8080. */
  readonly port?: number;
  /** Longest time until a client has sent the whole head of its request, else 408; 0: unlimited. Default: "10s". */
  readonly handshakeTimeout?: Duration | 0;
  /** Path of a Unix socket to listen on, in place of host and port, relative to the config file. Default: none. */
  readonly socket?: string;
  /** TLS on this listener. Default: none, plain HTTP. */
  readonly tls?: TlsInput;
  /** How long browsers are told to use TLS only (Strict-Transport-Security), on a listener with TLS; 0: they are told nothing. Default: 0. */
  readonly hsts?: Duration | 0;
  /** Origins whose pages may connect by this listener on routes that do not say it, written as in `origins` of a route. Default: the config's own. */
  readonly origins?: string | readonly string[];
  /** Whether what comes by this listener is recorded, on routes that do not say it, written as in `recording` of a route. Default: the config's own. */
  readonly recording?: boolean | RecordingInput;
  /** Whether each connection begins with a PROXY protocol header, version 1 or 2, that names the client. Default: false. */
  readonly proxyProtocol?: boolean;
  /** Addresses and CIDR blocks whose PROXY protocol headers are believed, or "any". Required with proxyProtocol. Default: none. */
  readonly trustedProxies?: "any" | readonly string[];
  /** Connections that the system keeps until they are accepted. Default: 511. */
  readonly backlog?: number;
  /** Whether each worker, and other processes, may listen on this port by themselves; the system shares connections out (SO_REUSEPORT). Default: false. */
  readonly reusePort?: boolean;
  /** Largest head of a request, in bytes or with a unit; a larger one gets 431. Default: "16KiB". */
  readonly maxHeaderBytes?: Size;
  /** Most header fields of a request; one with more gets 431. Default: 1000. */
  readonly maxHeaders?: number;
}

export interface TlsInput {
  /** The certificates; a client gets the one for the name it asks for (SNI), or else the first. Required without `acme`. */
  readonly certificates?: readonly CertificateInput[];
  /** A certificate that the gateway orders and renews itself, by ACME. Default: none. */
  readonly acme?: AcmeInput;
  /** Oldest TLS version. Default: "TLSv1.2". */
  readonly minVersion?: "TLSv1.2" | "TLSv1.3";
  /** Newest TLS version. Default: "TLSv1.3". */
  readonly maxVersion?: "TLSv1.2" | "TLSv1.3";
  /** Ciphers in OpenSSL's notation, separated by ":". Default: Node's. */
  readonly ciphers?: string;
  /** Whether clients are asked for a certificate, and whether one signed by `ca` is a must. Default: "ignore". */
  readonly clientCertificate?: "ignore" | "request" | "require";
  /** PEM file of the authorities that sign client certificates, relative to the config file. Default: none. */
  readonly ca?: string;
}

export interface CertificateInput {
  /** PEM file of the certificate, its intermediate ones after it, relative to the config file. */
  readonly cert: string;
  /** PEM file of its private key, relative to the config file. */
  readonly key: string;
  /** Passphrase of an encrypted key. Default: none. */
  readonly passphrase?: string | SecretInput;
  /** Host names that get this certificate, `*.` for any one label. Default: the names in the certificate. */
  readonly names?: readonly string[];
}

export interface SecretInput {
  /** Environment variable of the gateway that has the value. */
  readonly env?: string;
  /** File that has the value, relative to the config file; a line break at its end does not count. */
  readonly file?: string;
}

export interface AcmeInput {
  /** Address of the authority's directory; Let's Encrypt unless set. Default: "https://acme-v02.api.letsencrypt.org/directory". */
  readonly directory?: string;
  /** Whom the authority writes to when something is wrong. Default: nobody. */
  readonly email?: string;
  /** Names that the certificate is for, all in one; the first gives the file its name. */
  readonly domains: readonly string[];
  /** Folder of the account's key and of certificates with their keys, relative to the config file; the gateway writes there. Default: "./acme". */
  readonly folder?: string;
  /** PEM file of who has signed the certificate of `directory`, for authorities of your own, relative to the config file. Default: whom all believe. */
  readonly ca?: string;
}

export interface RecordingInput {
  /** Which part of the sessions is recorded, from 0 to 1; each as a whole or not at all. Default: 1. */
  readonly sample?: number;
  /** So much of each payload is kept; 0: none. Default: "256B". */
  readonly payload?: Size;
  /** Whether what `kv`, `rates` and `fetch` answer the route's policies is kept too, for `framegate replay`: the newest 4 MiB in each worker. Nothing of policies that a route without it has as well. Default: false. */
  readonly capabilities?: boolean;
}

export interface ConsoleInput {
  /** Address to listen on; "0.0.0.0" or "::" for all. Default: "127.0.0.1". */
  readonly host?: string;
  /** Port to listen on; 0 lets the system choose. Default: 9090. */
  readonly port?: number;
  /** What lets in who may look and change, at least 16 characters, or where it is; required where `host` is not a loopback address; false: whoever reaches it. Default: one that `framegate dev` makes and prints, else none, and nobody is let in. */
  readonly token?: false | string | TokenInput;
  /** What lets in who may only look, at least 16 characters, or where it is; needs `token`. Default: none. */
  readonly readerToken?: string | TokenInput;
  /** Names by which browsers reach the console, beside `host`, "localhost" and loopback addresses. Default: none. */
  readonly hosts?: readonly string[];
  /** TLS, as of a listener; read at the start. Default: none, plain HTTP. */
  readonly tls?: TlsInput;
}

export interface TokenInput {
  /** File that holds it, relative to the config file; white space around it does not count. Default: none. */
  readonly file?: string;
  /** Environment variable that holds it. Default: none. */
  readonly env?: string;
}

export interface SourceInput {
  /** Folder that has them, such as a mounted volume, relative to the config file. */
  readonly folder?: string;
  /** URL of a .tar.gz that has them. */
  readonly http?: string | SecretInput;
  /** URL of a git repository that has them: https, ssh or file, or user@host:path. */
  readonly git?: string;
  /** Branch, tag or commit of the repository. Default: its HEAD. */
  readonly ref?: string;
  /** Artifact in an OCI registry that has them, as `framegate push` puts it there: by a tag, or by its digest. */
  readonly oci?: string;
  /** Folder in it that counts. Default: all of it. */
  readonly path?: string;
  /** What a version must be to be taken: signed by one of `packs.keys`, or nothing. Default: "none". */
  readonly require?: "signed" | "none";
  /** Digest of the only version that is taken. Default: any. */
  readonly lock?: string;
  /** How often it is looked at, a fifth more or less; after failures less often, up to 10m. Default: "30s". */
  readonly every?: Duration;
  /** Longest time that a look may take. Default: "30s". */
  readonly timeout?: Duration;
  /** User that `token` is the password of. Default: the token stands for itself (Bearer). */
  readonly user?: string;
  /** Name of the one of `secrets` by which the source knows who asks. Default: none. */
  readonly token?: string;
  /** Name of the one of `secrets` that `POST /hooks/source` of the console must know, to have the source looked at at once. Default: there is no such hook. */
  readonly hook?: string;
  /** Whether it may be asked without TLS when it is not on this machine. Default: false. */
  readonly plainHttp?: boolean;
  /** Whether a framegate.config.json or .yaml in it stands for the routes of this file, and what they go by. Default: false. */
  readonly config?: boolean;
  /** Folder where versions are kept, relative to the config file. It is the gateway's own, and can be written. Default: "./.framegate". */
  readonly dir?: string;
  /** How many versions that have run are kept. Default: 5. */
  readonly keep?: number;
}

export interface PacksInput {
  /** What a pack must be to be loaded: signed by one of `keys` and named by policies.lock.json, named by it, or neither. Default: "locked". */
  readonly require?: "signed" | "locked" | "none";
  /** Public keys (Ed25519) of those whose packs are believed, by a name of your own. Default: none. */
  readonly keys?: Readonly<Record<string, string>>;
  /** Which host process policies of packs run in, in each worker, unless their use says it: with those of the same "pack", each in its "own", or "shared" with the folder's. The packs that come with the gateway count as the folder's. Default: "pack". */
  readonly isolation?: "shared" | "pack" | "own";
}

export interface LogInput {
  /** The least severe level that is logged. Default: "info". */
  readonly level?: "debug" | "info" | "warn" | "error" | "silent";
}

export interface DrainInput {
  /** Code of the Close that each open session gets: 1001 going away, 1012 restarting. Default: 1001. */
  readonly code?: 1001 | 1012;
  /** Time over which these Closes are spread evenly, so that not all clients come back at once; 0: all at once. Default: "0s". */
  readonly spread?: Duration | 0;
  /** By how much of its distance to the next each of these Closes may come late, so that gateways that stop together are not in step; from 0 to 1. Default: 0. */
  readonly jitter?: number;
  /** The reason of each Close ends with a number of seconds to wait before coming again, such as "; retry-after=2.4", another one for each session and none longer than this; 0: it says nothing. Default: "0s". */
  readonly reconnect?: Duration | 0;
  /** Most Closes in a time, over all workers, such as "200/s"; the drain takes longer than `spread` where it must; 0: no limit. Default: 0. */
  readonly rate?: string | 0;
  /** Time before anything is closed, in which `/readyz` says 503 and connections are still taken: until load balancers send them elsewhere; 0: none. Default: 0. */
  readonly delay?: Duration | 0;
  /** How long the sessions have to close after the last of these Closes, before they are cut; 0: as long as they take. Default: "10s". */
  readonly timeout?: Duration | 0;
}

export interface TrafficInput {
  /** SQLite file that the records are kept in, so that they survive a restart, relative to the config file. Default: none, they are in memory. */
  readonly file?: string;
  /** Name of a sink with `postgres`: the console, the API and exports read what all gateways have written there, and nothing is kept on this machine. Default: what this machine keeps. */
  readonly readFrom?: string;
  /** What all records together may take, in bytes or with a unit; the oldest make room. Default: "64MiB". */
  readonly maxSize?: Size;
  /** How many records are kept; the oldest make room. Default: 200000. */
  readonly maxRecords?: number;
  /** Attribute that says who a session is of, or several, of which the first counts that a session has: the column *Subject* of the console, and `subject:` of filters. Default: ["user","userId","username","sub","subject","email","name"]. */
  readonly subject?: string | readonly string[];
  /** How long a record is kept; 0: as long as there is room. Default: "1h". */
  readonly maxAge?: Duration | 0;
}

export interface SinkInput {
  /** Into files that rotate. */
  readonly files?: FilesSinkInput;
  /** Into a table of PostgreSQL. */
  readonly postgres?: PostgresSinkInput;
  /** To a collector of OpenTelemetry, as log records. */
  readonly otlp?: OtlpSinkInput;
  /** Into a table of ClickHouse. */
  readonly clickhouse?: ClickhouseSinkInput;
  /** Into a topic of Kafka. */
  readonly kafka?: KafkaSinkInput;
  /** What it is called in the log and the metrics. Default: what it is, such as `files`. */
  readonly name?: string;
  /** Names of the routes whose records it takes. Default: all, and what comes to no route. */
  readonly routes?: readonly string[];
  /** Which kinds of records it takes. Default: all. */
  readonly kinds?: readonly ("upgrade" | "request" | "frame" | "hook" | "close")[];
  /** Share of the recorded sessions that it takes, from 0 to 1; each as a whole or not at all. Default: 1. */
  readonly sample?: number;
  /** What it gets of the messages: what is recorded of them after redaction, or nothing. Default: "redacted". */
  readonly payloads?: "redacted" | "none";
  /** What may wait for it in memory; what comes beyond that is lost, and counted. Default: "16MiB". */
  readonly queue?: Size;
  /** How long a record waits for others to go with it, up to 1,000 or half a megabyte of them. Default: "1s". */
  readonly every?: Duration;
  /** Longest time until they are taken; then, and when it fails, they are sent again. Default: "30s". */
  readonly timeout?: Duration;
}

export interface FilesSinkInput {
  /** Folder of the files, relative to the config file; made where it is not there. No other gateway may write into it. */
  readonly dir: string;
  /** `jsonl`: a record a line, as it comes. `har`: a session an entry when it has ended, as browsers' developer tools read it. Default: "jsonl". */
  readonly format?: "jsonl" | "har";
  /** A file that would get larger than this is put away, and the next one begun. What is written at once is not divided: 1 MiB at most, or one record. Default: "64MiB". */
  readonly maxFileSize?: Size;
  /** The same of one that is this old when the next record comes; 0: by size only. Default: "1h". */
  readonly rotate?: Duration | 0;
  /** How many of the files that were put away are kept; the oldest go first. Default: 100. */
  readonly keepFiles?: number;
  /** What they may take together. Default: "4GiB". */
  readonly keepSize?: Size;
  /** How old they get; 0: whatever their age. Default: "7d". */
  readonly keepAge?: Duration | 0;
  /** Whether they are compressed. Default: true. */
  readonly gzip?: boolean;
}

export interface PostgresSinkInput {
  /** The server, user and database, without a password: "postgres://user@host:5432/database", or with `?host=/folder` of a Unix socket. */
  readonly url: string | SecretInput;
  /** Where the user's password is. Default: it has none. */
  readonly password?: SecretInput;
  /** Whether, and how, the connection is over TLS. Default: true, and false for this machine and Unix sockets. */
  readonly tls?: boolean | UpstreamTlsInput;
  /** Table of the records, with its schema if it is not the user's first. Default: "framegate_traffic". */
  readonly table?: string;
  /** Whether the table is made where it is not there; else somebody else has to. Default: true. */
  readonly create?: boolean;
  /** How long records are kept, of all gateways that write into the table; 0: for ever. Default: "7d". */
  readonly keep?: Duration | 0;
}

export interface UpstreamTlsInput {
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

export interface OtlpSinkInput {
  /** URL that takes logs by OTLP over HTTP, with its path, such as "http://127.0.0.1:4318/v1/logs". */
  readonly endpoint: string | SecretInput;
  /** Headers of the requests to it; a value may be in a variable or a file. Default: none. */
  readonly headers?: Readonly<Record<string, string | SecretInput>>;
  /** How they are written. Default: "protobuf". */
  readonly format?: "protobuf" | "json";
  /** What the gateway is called there. Default: "framegate". */
  readonly service?: string;
}

export interface ClickhouseSinkInput {
  /** URL of the HTTP interface, without a user. */
  readonly url: string | SecretInput;
  /** Database of the table. Default: "default". */
  readonly database?: string;
  /** User. Default: the server's default user. */
  readonly user?: string;
  /** Where the user's password is. Default: it has none. */
  readonly password?: SecretInput;
  /** Table of the records. Default: "framegate_traffic". */
  readonly table?: string;
  /** Whether the table is made where it is not there; else somebody else has to. Default: true. */
  readonly create?: boolean;
  /** How long records are kept in a table that is made: its TTL; 0: for ever, and no TTL. Default: "7d". */
  readonly keep?: Duration | 0;
}

export interface KafkaSinkInput {
  /** Brokers that are asked for the others, each a host with a port. */
  readonly brokers: readonly string[];
  /** Topic of the records. The gateway does not make it. Default: "framegate-traffic". */
  readonly topic?: string;
  /** Key of the messages: what has the same one is in one partition, in order. Default: "session". */
  readonly key?: "session" | "node";
  /** How batches are compressed. Default: "gzip". */
  readonly compression?: "none" | "gzip" | "zstd";
  /** Whether, and how, connections are over TLS. Default: false. */
  readonly tls?: boolean | UpstreamTlsInput;
  /** Who writes. Default: nobody in particular. */
  readonly sasl?: KafkaSaslInput;
}

export interface KafkaSaslInput {
  /** How the user is told. Default: "SCRAM-SHA-512". */
  readonly mechanism?: "PLAIN" | "SCRAM-SHA-256" | "SCRAM-SHA-512";
  /** User. */
  readonly user: string;
  /** Where the user's password is. */
  readonly password: SecretInput;
}

export interface RedactInput {
  /** Whether the usual secrets are hidden too: credentials in headers, queries, JSON and texts. Default: true. */
  readonly defaults?: boolean;
  /** Headers whose values are hidden. Default: []. */
  readonly headers?: readonly string[];
  /** Query parameters, and names before a `=` or `:` in any text, whose values are hidden. Default: []. */
  readonly query?: readonly string[];
  /** Paths of the values that are hidden in JSON, such as "$.card.number", "$.items[*].pin" or "$..ssn". Default: []. */
  readonly json?: readonly string[];
  /** Regular expressions whose matches are hidden in any text. Default: []. */
  readonly patterns?: readonly RedactPatternInput[];
}

export interface RedactPatternInput {
  /** Regular expression as JavaScript writes it, without lookaround and backreferences. */
  readonly pattern: string;
  /** Its flags, of i, m, s and u. Default: "". */
  readonly flags?: string;
}

export interface SandboxInput {
  /** Longest synchronous run of one `client`, `server` or `close` hook, and a millisecond more for each 128 KiB that it is given, up to `upgradeTimeout`. Default: "50ms". */
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
  /** A sandbox host that has not answered for so long is replaced; on Linux one that hangs in a policy is replaced as soon as it has used a fortieth of that as CPU time, at least 25 ms, beyond the time that the policy may take. Default: "1s". */
  readonly silence?: Duration;
  /** A sandbox host whose resident memory is above this is replaced, in bytes or with a unit. Default: "1GiB". */
  readonly maxMemory?: Size;
  /** A version of a policy that has cost its sandbox host (hung, crashed, too much memory, nonsense) runs in one of its own until it has behaved for so long; 0: never. Default: "10m". */
  readonly quarantine?: Duration | 0;
  /** Whether the operating system walls sandbox hosts in as well (Linux, with bubblewrap): "auto" as far as it can, with a warning where it cannot; "require": or else the gateway does not start; "off". Default: "auto". */
  readonly os?: "auto" | "require" | "off";
  /** Keep a second sandbox host ready to take over, with the policies that are used loaded ahead. Default: true. */
  readonly warmSpare?: boolean;
  /** Which process policies of the folder run in, for each worker, unless their route or their use says it: a host process "shared" with others, each in its "own" (about 50 MiB each), or the "worker" itself, which one that hangs or crashes takes with it. Default: "shared". */
  readonly isolation?: "shared" | "own" | "worker";
}

export interface GrantInput {
  /** Which servers the policy may ask over HTTP, and how. Default: none. */
  readonly fetch?: FetchGrantInput;
  /** Whether the policy may keep values, or under whose name. Default: it may not. */
  readonly kv?: true | KvGrantInput;
  /** Whether the policy may count how often something happens, or under whose name; who may keep values may. Default: it may not. */
  readonly rates?: true | RatesGrantInput;
  /** Names of the `secrets` that the policy may read. Default: none. */
  readonly secrets?: readonly string[];
  /** Whether the policy may raise alerts, for the `alerts` of the config. Default: false. */
  readonly alert?: boolean;
}

export interface FetchGrantInput {
  /** Hosts such as "api.example.com", "*.example.com" or "*", with a port, ":*" for any, or with that of the scheme. */
  readonly hosts: readonly string[];
  /** Methods that requests may have. Default: ["GET"]. */
  readonly methods?: readonly ("GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS")[];
  /** Largest body of a request, in bytes or with a unit. Default: "64KiB". */
  readonly maxRequestSize?: Size;
  /** Largest body of an answer, unpacked, in bytes or with a unit. Default: "1MiB". */
  readonly maxResponseSize?: Size;
  /** Longest time until the whole answer is there, within the time of the hook. Default: "2s". */
  readonly timeout?: Duration;
  /** Whether addresses of private networks, of this machine and of the link may be asked. Default: false. */
  readonly private?: boolean;
}

export interface KvGrantInput {
  /** Name that the keys stand under; policies with the same one share them. Default: the pack of the policy, or the policy. */
  readonly namespace?: string;
}

export interface RatesGrantInput {
  /** Name that the keys stand under; policies with the same one share them. Default: the pack of the policy, or the policy. */
  readonly namespace?: string;
}

export interface KvInput {
  /** Redis that keeps the values for all machines, such as "redis://host:6379/0", asked by each worker itself. Default: that of `cluster`, asked by the supervisor for all workers; without one they are in memory. */
  readonly url?: string | SecretInput;
}

export interface ClusterInput {
  /** Redis that the gateways of a fleet share: "redis://host:6379/0", with TLS "rediss://host", "unix:///run/redis.sock", "redis+sentinel://host1,host2,host3/primary-name/0" or "redis+cluster://host1,host2". */
  readonly url: string | SecretInput;
  /** Name of the fleet, with which all its keys and channels begin. Default: "framegate". */
  readonly name?: string;
  /** Name of this gateway among those of the fleet. Default: the host's name, and some characters that follow from the config's path and addresses. */
  readonly node?: string;
  /** User of the access control list (ACL). Default: the one of the URL, or the default user. */
  readonly user?: string;
  /** Where the password is. Default: that of the URL, or none. */
  readonly password?: SecretInput;
  /** What sentinels are told of who asks. Default: nothing. */
  readonly sentinel?: SentinelInput;
  /** TLS where the URL asks for it. Default: with the system's certificates. */
  readonly tls?: UpstreamTlsInput;
}

export interface SentinelInput {
  /** User of the sentinels. Default: their default user. */
  readonly user?: string;
  /** Where its password is. Default: none. */
  readonly password?: SecretInput;
}

export interface AlertInput {
  /** URL that each alert is sent to, as JSON by POST. Redirects are not followed. */
  readonly webhook: string | SecretInput;
  /** Which events it is told of. Default: all. */
  readonly events?: readonly ("policy.alert" | "policy.failed" | "policy.quarantined" | "policy.rejected" | "rollout.aborted" | "rollout.finished" | "source.taken" | "source.refused" | "source.failed" | "upstream.down" | "upstream.up" | "kv.lost" | "kv.back" | "cluster.lost" | "cluster.back" | "sandbox.host-replaced" | "worker.died" | "connections.refused" | "gateway.ready" | "gateway.stopping")[];
  /** Headers of the requests to it; a value may be in a variable or a file. Default: none. */
  readonly headers?: Readonly<Record<string, string | SecretInput>>;
  /** Name of the one of `secrets` that signs what is sent, as Standard Webhooks has it. Default: it is not signed. */
  readonly secret?: string;
  /** For how long the same alert is not sent again; how often it came meanwhile is in the next one. Default: "5m". */
  readonly every?: Duration;
  /** Longest time until it has answered; then, and when it fails, it is tried again. Default: "10s". */
  readonly timeout?: Duration;
}

export interface TelemetryInput {
  /** Where traces go, one span a session. Default: nowhere. */
  readonly traces?: TracesInput;
  /** Where the numbers of `/metrics` are sent. Default: nowhere, they can be asked for. */
  readonly metrics?: PushedMetricsInput;
}

export interface TracesInput {
  /** URL that takes OTLP over HTTP as JSON, with its path, such as "http://127.0.0.1:4318/v1/traces". */
  readonly endpoint: string | SecretInput;
  /** Headers of the requests to it, such as its key; a value may be in a variable or a file. Default: none. */
  readonly headers?: Readonly<Record<string, string | SecretInput>>;
  /** Share of the sessions that are traced, from 0 to 1. A client's `traceparent` says it for its own. Default: 1. */
  readonly sample?: number;
  /** Share of the messages of these sessions that have spans of their own where policies see them, from 0 to 1; at most 200 a second and worker. Default: 0. */
  readonly messages?: number;
  /** What the gateway is called in the traces. Default: "framegate". */
  readonly service?: string;
}

export interface PushedMetricsInput {
  /** URL that takes metrics by OTLP over HTTP, with its path, such as "http://127.0.0.1:4318/v1/metrics". */
  readonly endpoint: string | SecretInput;
  /** Headers of the requests to it; a value may be in a variable or a file. Default: none. */
  readonly headers?: Readonly<Record<string, string | SecretInput>>;
  /** How they are written. Default: "protobuf". */
  readonly format?: "protobuf" | "json";
  /** What the gateway is called there. Default: "framegate". */
  readonly service?: string;
  /** How often they are sent. Default: "60s". */
  readonly every?: Duration;
}

export interface UpgradeRateInput {
  /** Upgrades within `per`. */
  readonly upgrades: number;
  /** The time in which so many may come. Default: "1s". */
  readonly per?: Duration;
  /** How many may come at once, after a time without any. Default: as many as `upgrades`. */
  readonly burst?: number;
  /** Whose upgrades count together: "address", "route", "header:NAME", "query:NAME", "param:NAME" or "attribute:NAME"; "route" counts all of the route. One that lacks what is named counts by its address. Default: "address". */
  readonly key?: string;
  /** How many bits of an IPv6 address are the client: who has one address of a /64 has them all. Default: 64. */
  readonly ipv6Prefix?: number;
  /** While the Redis of the `cluster` cannot be asked: this machine's share of the limit, no upgrade, or as many as like to. Default: "local". */
  readonly onStoreLoss?: "local" | "closed" | "open";
}

export interface CorsProfileInput {
  /** Origins whose pages may read answers, written as in `origins` of a route. Default: the route's `origins`. */
  readonly origins?: readonly string[];
  /** Methods that a preflight allows. Default: ["GET", "HEAD", "POST"]. */
  readonly methods?: readonly string[];
  /** Request headers that a preflight allows. Default: those it asks for. */
  readonly allowedHeaders?: readonly string[];
  /** Answer headers that pages may read beside the simple ones. Default: []. */
  readonly exposedHeaders?: readonly string[];
  /** Whether pages may send cookies and credentials. Default: false. */
  readonly credentials?: boolean;
  /** How long a browser may keep the answer to a preflight. Default: as long as it likes. */
  readonly maxAge?: Duration;
}

export interface MirrorInput {
  /** The server that gets the copies: an http, https, ws or wss URL, unix:/path/to.sock:/path, or the name of one of `upstreams`. A URL without a path gets that of the client's request. */
  readonly upstream: string;
  /** Which part of the sessions is copied, above 0 and up to 1; each as a whole or not at all. Default: 1. */
  readonly sample?: number;
  /** Whose messages are copied, as they leave: the client's, the server's, or both, which takes two connections a session. Default: "client". */
  readonly direction?: "client" | "server" | "both";
  /** Whether the mirror is shown what the client shows to the server: Authorization, Cookie, other headers and parameters of the query whose names say that they are secrets, or that `redact` names. Default: false. */
  readonly credentials?: boolean;
}

export interface RolloutInput {
  /** Which share of the sessions has the new version, step by step. When the last is below 100% it waits there for `framegate rollout promote`. Default: ["5%","25%","100%"]. */
  readonly steps?: readonly string[];
  /** In a fleet: which machines have the new version, step by step, before its share of the sessions grows; the last is all of them. Default: all from the first step on. */
  readonly machines?: readonly (number | string)[];
  /** How long a step lasts at least; 0: only as long as `minCalls` take. Default: "5m". */
  readonly every?: Duration | 0;
  /** What puts sessions on the same side: "session" (each by itself), "header:NAME" or "attribute:NAME" (of the upgrade's attributes). A session without it has the version before until all have the new one. Default: "session". */
  readonly by?: string;
  /** How many calls of the new version a step has at least, and a judgement. Default: 100. */
  readonly minCalls?: number;
  /** When the new version is taken back. */
  readonly abort?: RolloutAbortInput;
}

export interface RolloutAbortInput {
  /** Share of its calls that may fail: "+1%" counts from what the version before has, "1%" does not, false does not look. Default: "+1%". */
  readonly faults?: false | string;
  /** Share of its sessions that it may end or refuse: by a verdict, or by a fault. Default: "+5%". */
  readonly closes?: false | string;
  /** How much longer the slowest hundredth of its calls may take than that of the version before. Default: false. */
  readonly p99?: false | string;
  /** Share of the calls of sessions on the other side on which it may say otherwise than the version before: it runs as their shadow then. Default: false. */
  readonly shadowDiffs?: false | string;
}

export interface RouteInput<Use = string | PolicyUseInput> {
  /** Path that clients ask for: literal segments, `:name` for any one segment, a final `*` for the rest. */
  readonly path: string;
  /** What the log and the metrics call the route; no two may have the same. Default: the path, behind the hosts of `match` and before its headers. */
  readonly name?: string;
  /** What a request must have beside its path, so that several routes can share one. Default: nothing. */
  readonly match?: RouteMatchInput;
  /** Whether the route is served; one that is not answers 404, and its open sessions get Close 1001. Default: true. */
  readonly enabled?: boolean;
  /** Origins whose pages may connect: exact, with "*." before a host or ":*" behind it, "same" for the host that is asked, "null", or "*" for all; others get 403. Or the name of a profile of `originProfiles`. Default: the listener's. */
  readonly origins?: string | readonly string[];
  /** Refuse a request without an Origin header too: what is no browser. Default: false. */
  readonly originRequired?: boolean;
  /** Which of the subprotocols that a client offers the server hears of. */
  readonly subprotocols?: SubprotocolsInput;
  /** How many connections may be open at once; one more gets 429. */
  readonly connections?: ConnectionsInput;
  /** How many upgrades may come in a time, over all workers; one more gets 429. Default: the config's own `upgradeRate`. */
  readonly upgradeRate?: false | UpgradeRateInput;
  /** Headers that are set, added or removed, before policies change any. */
  readonly headers?: HeadersInput;
  /** The Host header that the server gets: "client", the client's own; "upstream", that of the upstream's URL; or this host. "auto": the client's own, and that of the URL where TLS or a Unix socket leads to it. Default: "auto". */
  readonly hostHeader?: string;
  /** How the server learns of the client: by X-Forwarded-For, -Proto and -Host, by Forwarded (RFC 7239), by both, or not. Default: ["x-forwarded"]. */
  readonly forwarded?: readonly ("x-forwarded" | "forwarded")[];
  /** A header with the id of the log, sent to the server and in the answer to the client, or false for none. Default: false. */
  readonly requestId?: false | RequestIdInput;
  /** What pages of other origins may do with plain HTTP on the route, or the name of a profile. Default: nothing is said about it. */
  readonly cors?: string | CorsInput;
  /** What a plain HTTP request gets: 426, or what the upstream answers to it; `refuse-polling`: what the upstream answers, but 426 where it is polling of Socket.IO or SockJS, which carries messages past the hooks for them. Default: "refuse". */
  readonly http?: "refuse" | "proxy" | "refuse-polling";
  /** Longest time until the server has begun its answer to a plain HTTP request; 0: unlimited. Default: "1m". */
  readonly httpTimeout?: Duration | 0;
  /** The server behind this route: an http, https, ws or wss URL, unix:/path/to.sock:/path, the name of one of `upstreams`, or an object like those. */
  readonly upstream: string | UpstreamInput;
  /** A second server that gets copies of the messages of this route's sessions, and can never disturb them; false: none. Default: the config's own `mirror`. */
  readonly mirror?: false | MirrorInput;
  /** The chain, by file name below the policies folder without its ending, or "*" for every policy there that has no route of its own. Default: none. */
  readonly policies?: "*" | readonly Use[];
  /** Which process the policies of this route run in, unless their use says it: a host process that is "shared", each in its "own", or the "worker". Default: `sandbox.isolation`; for policies of packs `packs.isolation`, unless it is "own" here. */
  readonly isolation?: "shared" | "own" | "worker";
  /** How new versions of this route's policies come to sessions: step by step, with a way back; false: to all at once. A policy of several routes goes by the first of them that has one. Default: the config's own `rollout`. */
  readonly rollout?: false | RolloutInput;
  /** A folder with other versions of this route's policies: those of the same names get copies of their calls, and their verdicts go nowhere. Default: none. */
  readonly shadow?: false | string | ShadowInput;
  /** MIME type of message bodies, also by who sends them and by opcode; policies read and write values when it is a JSON type. Default: "application/json". */
  readonly contentType?: string | ContentTypeInput;
  /** What becomes of a message whose policy failed: close the connection, drop the message, or pass it on unchanged. Default: "close". */
  readonly onError?: "close" | "drop" | "pass";
  /** Largest message in either direction, inflated, in bytes or with a unit. Default: 16MiB for messages that the gateway keeps, since policies read them or it compresses for one leg; none for those that it passes on as they come. */
  readonly maxMessageSize?: Size;
  /** Longest time to connect to the server; 0: unlimited. Default: "10s". */
  readonly connectTimeout?: Duration | 0;
  /** Longest time until the server has answered the handshake; 0: unlimited. Default: "10s". */
  readonly handshakeTimeout?: Duration | 0;
  /** Longest time between the two Close frames; 0: unlimited. Default: "10s". */
  readonly closeTimeout?: Duration | 0;
  /** Longest life of a connection, which ends it even if active (1001), up to 10 % earlier so that not all leave at once; 0: unlimited. Default: 0. */
  readonly expire?: Duration | 0;
  /** Close (1001) when no message has passed in either direction for so long; 0: never. Default: 0. */
  readonly idle?: Duration | 0 | IdleInput;
  /** Pings of the gateway's own, which find peers that have vanished without a word; false: none. Default: false. */
  readonly keepalive?: false | KeepaliveInput;
  /** Largest messages and frames, where the two directions differ or frames count. */
  readonly limits?: LimitsInput;
  /** How many messages and bytes the client may send in a time, and the server below `server`; with a shared `key` over all workers. */
  readonly rate?: RateInput;
  /** What happens when one side takes less than the other sends. */
  readonly slowConsumer?: SlowConsumerInput;
  /** What a change of the route or its policies means for open connections: they go on by the new policies, they are closed (1012), or they keep the policies that they began with. Default: "swap". */
  readonly reload?: "swap" | "recycle" | "pin";
  /** The time over which the closes of "recycle" are spread, and those (1001) of a route that is removed; 0: all at once. Default: "10s". */
  readonly recycleSpread?: Duration | 0;
  /** What becomes of open sessions when the route is removed: they are closed (1001) within `recycleSpread`, they go on for so long first (`drain`), or they stay open ("keep"). They are listed with the route that they had. Default: "close". */
  readonly onRemove?: "close" | "keep" | OnRemoveInput;
  /** Whether upgrades, frames and closes are kept for the console, with plain requests: true, false, or how much of them. Default: as the listener says that they come by. */
  readonly recording?: boolean | RecordingInput;
  /** What the log says of the route. */
  readonly log?: RouteLogInput;
  /** Whether permessage-deflate may be negotiated, on which legs, and how. Default: true. */
  readonly compression?: boolean | CompressionInput;
  /** Where the `connect` of an `upgrade` verdict may lead. Default: the config's own `connect`. */
  readonly connect?: ConnectInput;
}

export interface RouteMatchInput {
  /** Host names that the route is for: exact or as "*.example.com", one or a list, without a port. Default: any. */
  readonly host?: string | readonly string[];
  /** Headers that the request must have, each with exactly this value. Default: none. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Networks that the client's address must be in, such as "10.0.0.0/8", one or a list. Default: any. */
  readonly client?: string | readonly string[];
}

export interface SubprotocolsInput {
  /** Subprotocols that are offered to the server; of what the client offers, others are left out. Default: all. */
  readonly allow?: readonly string[];
  /** Refuse a client that offers none of the allowed ones, with 400. Default: false. */
  readonly required?: boolean;
  /** Subprotocols that are offered to the server before the others, in this order. Default: as the client orders them. */
  readonly prefer?: readonly string[];
}

export interface ConnectionsInput {
  /** Most connections of the route, over all workers; 0: unlimited. Default: 0. */
  readonly route?: number;
  /** Most connections of one client address to the route, over all workers; 0: unlimited. Default: 0. */
  readonly perAddress?: number;
  /** Most connections of one value of `key` to the route, over all workers; 0: unlimited. Default: 0. */
  readonly perKey?: number;
  /** What `perKey` counts by: a header, a query parameter, a parameter of the path or an attribute, such as "header:x-tenant" or "attribute:user"; a connection without it is not counted. Default: "header:authorization". */
  readonly key?: string;
  /** What Retry-After says to a client that is refused. Default: "1s". */
  readonly retryAfter?: Duration;
  /** While the Redis of the `cluster` cannot be asked: this machine's share of each limit, no more connections, or as many as like to. Default: "local". */
  readonly onStoreLoss?: "local" | "closed" | "open";
}

export interface HeadersInput {
  /** What changes in the request to the server. */
  readonly request?: HeaderRulesInput;
  /** What changes in the server's answer to the client. */
  readonly response?: HeaderRulesInput;
}

export interface HeaderRulesInput {
  /** Headers that get this value, whatever they had; it may be in a variable or a file. Default: {}. */
  readonly set?: Readonly<Record<string, string | SecretInput>>;
  /** Headers that get this value beside those they have; the same. Default: {}. */
  readonly add?: Readonly<Record<string, string | SecretInput>>;
  /** Headers that are left out. Default: []. */
  readonly remove?: readonly string[];
}

export interface RequestIdInput {
  /** Name of the header. Default: "x-request-id". */
  readonly header?: string;
  /** Keep the client's own id where it sends one. Default: false. */
  readonly trust?: boolean;
}

export interface CorsInput {
  /** Name of the profile of `corsProfiles` whose options hold where the route sets none. Default: none. */
  readonly profile?: string;
  /** Origins whose pages may read answers, written as in `origins` of a route. Default: the route's `origins`. */
  readonly origins?: readonly string[];
  /** Methods that a preflight allows. Default: ["GET", "HEAD", "POST"]. */
  readonly methods?: readonly string[];
  /** Request headers that a preflight allows. Default: those it asks for. */
  readonly allowedHeaders?: readonly string[];
  /** Answer headers that pages may read beside the simple ones. Default: []. */
  readonly exposedHeaders?: readonly string[];
  /** Whether pages may send cookies and credentials. Default: false. */
  readonly credentials?: boolean;
  /** How long a browser may keep the answer to a preflight. Default: as long as it likes. */
  readonly maxAge?: Duration;
}

export interface UpstreamInput {
  /** The only server, in place of `targets`: an http, https, ws or wss URL, or unix:/path/to.sock:/path. */
  readonly url?: string;
  /** The servers, at least one. */
  readonly targets?: readonly TargetInput[];
  /** Which server the next connection goes to: the next by weight, the one with fewest connections, the one that answers handshakes fastest, or by a hash. Default: "round-robin". */
  readonly balance?: "round-robin" | "least-connections" | "fastest" | HashInput;
  /** Most connections to one server at a time, over all workers; -1: unlimited. Default: -1. */
  readonly maxConnections?: number;
  /** Of `maxConnections`, while the Redis of the `cluster` cannot be asked: this machine's share of it, no more connections, or as many as like to. Default: "local". */
  readonly onStoreLoss?: "local" | "closed" | "open";
  /** Where connections wait when every server has its most. */
  readonly queue?: QueueInput;
  /** What happens when a server cannot be reached or does not answer. */
  readonly retry?: RetryInput;
  /** Name of the upstream that is asked when no server of this one can be had: none is healthy, or those that were tried did not answer, or all have their most. Default: none, the client gets 502, 503 or 504. */
  readonly onFailure?: string;
  /** When a server gets no new connections for a while. */
  readonly health?: HealthInput;
  /** TLS to servers of https and wss URLs. */
  readonly tls?: UpstreamTlsInput;
  /** How long the addresses of a name are used. */
  readonly dns?: DnsInput;
  /** How many redirects of a server to allowed hosts are followed at the handshake; 0: none, the client gets them. Default: 0. */
  readonly redirects?: number;
  /** An HTTP proxy that is asked to CONNECT to the server, with user and password if it wants them: "http://user:password@host:3128". */
  readonly proxy?: string | SecretInput;
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
  /** How many connections may wait, over all workers; the next gets 503. Default: 0. */
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
  readonly check?: HealthCheckInput;
}

export interface HealthCheckInput {
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

export interface DnsInput {
  /** How long the addresses of a name are used before they are asked for again; 0: for each connection. Default: "30s". */
  readonly maxAge?: Duration | 0;
}

export interface PolicyUseInput {
  /** Name of the policy: its file below the policies folder, without the ending. */
  readonly use: string;
  /** What the policy reads as `options`: plain JSON. Default: {}. */
  readonly options?: Readonly<Record<string, unknown>>;
  /** Whether the policy is in the chain; one that is not stays configured. Default: true. */
  readonly enabled?: boolean;
  /** Which of the policy's hooks run in this chain. Default: all that it exports. */
  readonly hooks?: readonly ("upgrade" | "unavailable" | "client" | "server" | "tick" | "renew" | "close")[];
  /** Which process the policy runs in: a host process "shared" with others, its "own", or the "worker", which it can take with it. Of several uses the strictest counts: "own", then "shared". Default: the route's, and that of `packs` for a policy of a pack. */
  readonly isolation?: "shared" | "own" | "worker";
  /** Another version that gets copies of this use's calls, and whose verdicts go nowhere: a policy's file, or a folder that has a policy of the same name; false: none. Default: the route's. */
  readonly shadow?: false | string | ShadowInput;
}

export interface ShadowInput {
  /** Where the other version is, relative to the config file: a policy's file, or a folder that has policies of the same names, those of its packs among them. For a whole chain a folder. */
  readonly from: string;
  /** Which share of the sessions has a shadow, each from its beginning to its end. Default: "100%". */
  readonly sample?: string;
  /** Whether it may `fetch` what the policy itself is granted: those requests are sent twice then. Default: false. */
  readonly fetch?: boolean;
}

export interface ContentTypeInput {
  /** Of text messages. Default: "application/json". */
  readonly text?: string;
  /** Of binary messages. Default: "application/json". */
  readonly binary?: string;
  /** What the client sends, where it differs. Default: that of both sides. */
  readonly client?: string | OpcodeTypesInput;
  /** What the server sends, where it differs. Default: that of both sides. */
  readonly server?: string | OpcodeTypesInput;
}

export interface OpcodeTypesInput {
  /** Of text messages. Default: that of both sides. */
  readonly text?: string;
  /** Of binary messages. Default: that of both sides. */
  readonly binary?: string;
}

export interface IdleInput {
  /** Longest time without a message. */
  readonly timeout: Duration;
  /** Whether the peers' pings and pongs count as well. Default: false. */
  readonly countPings?: boolean;
}

export interface KeepaliveInput {
  /** A peer that has been silent for so long is sent a ping. Default: "30s". */
  readonly interval?: Duration;
  /** A peer that says nothing for so long after a ping is cut off. Default: "10s". */
  readonly timeout?: Duration;
  /** Which peers are asked. Default: "both". */
  readonly legs?: "client" | "server" | "both";
}

export interface LimitsInput {
  /** Largest frame in either direction, as on the wire, in bytes or with a unit; 0: as large as a message. Default: 0. */
  readonly maxFrameSize?: Size;
  /** What the client may send. */
  readonly client?: SideLimitsInput;
  /** What the server may send. */
  readonly server?: SideLimitsInput;
}

export interface SideLimitsInput {
  /** Largest message from this side, inflated, in bytes or with a unit. Default: the route's. */
  readonly maxMessageSize?: Size;
  /** Largest frame from this side, as on the wire; 0: as large as a message. Default: that of both sides. */
  readonly maxFrameSize?: Size;
}

export interface RateInput {
  /** Messages within `per`; 0: no limit. Default: 0. */
  readonly messages?: number;
  /** Payload bytes within `per`, as on the wire; 0: no limit. Default: 0. */
  readonly bytes?: Size;
  /** The time in which so many may come: all at once, or spread over it. Default: "1s". */
  readonly per?: Duration;
  /** What happens past it: close the connection (1008), drop the message, or stop reading until there is room again. Default: "close". */
  readonly action?: "close" | "drop" | "delay";
  /** Who shares one allowance: "connection", "address", "header:NAME" or "attribute:NAME". Default: "connection". */
  readonly key?: string;
  /** The same for what the server sends. Default: no limit. */
  readonly server?: SideRateInput;
}

export interface SideRateInput {
  /** Messages within `per`; 0: no limit. Default: 0. */
  readonly messages?: number;
  /** Payload bytes within `per`, as on the wire; 0: no limit. Default: 0. */
  readonly bytes?: Size;
  /** The time in which so many may come: all at once, or spread over it. Default: "1s". */
  readonly per?: Duration;
  /** What happens past it: close the connection (1008), drop the message, or stop reading until there is room again. Default: "close". */
  readonly action?: "close" | "drop" | "delay";
  /** Who shares one allowance: "connection", "address", "header:NAME" or "attribute:NAME". Default: "connection". */
  readonly key?: string;
}

export interface SlowConsumerInput {
  /** How much may wait for a receiver before its sender is read no further; 0: what the socket takes, about 64 KiB. Default: 0. */
  readonly bufferedBytes?: Size;
  /** A receiver that has held its sender up for so long, without once taking all that waits, ends the connection (1013); 0: it is waited for. Default: 0. */
  readonly timeout?: Duration | 0;
}

export interface OnRemoveInput {
  /** How long the sessions may go on. */
  readonly drain: Duration;
}

export interface RouteLogInput {
  /** The least severe level that is logged of the route and its policies, if the `log.level` of the gateway lets it through. Default: "debug". */
  readonly level?: "debug" | "info" | "warn" | "error" | "silent";
  /** Whether there is a line for each session's start and end and for each refused upgrade. Default: true. */
  readonly access?: boolean;
  /** Where payloads are logged, after redaction, at level info. Default: nowhere. */
  readonly payloads?: readonly ("fromClient" | "toServer" | "fromServer" | "toClient")[];
  /** So much of each payload is logged. Default: "1KiB". */
  readonly payloadSize?: Size;
}

export interface CompressionInput {
  /** Whether it may be agreed on with the client. Default: true. */
  readonly client?: boolean;
  /** Whether it may be agreed on with the server. Default: true. */
  readonly server?: boolean;
  /** Whether the client's messages may refer to earlier ones; not agreed on where policies read them. Default: true. */
  readonly clientContextTakeover?: boolean;
  /** Whether the server's messages may refer to earlier ones; not agreed on where policies read them. Default: true. */
  readonly serverContextTakeover?: boolean;
  /** Largest window of the client's messages as a power of two, 9 to 15; below 15, clients that cannot be told get no compression. Default: 15. */
  readonly clientMaxWindowBits?: number;
  /** Largest window of the server's messages as a power of two, 9 to 15. Default: 15. */
  readonly serverMaxWindowBits?: number;
  /** Smallest message that the gateway itself compresses, in bytes or with a unit. Default: "1KiB". */
  readonly minSize?: Size;
  /** How many times its compressed size a message may inflate to (1009); read even without policies, to be measured; 0: unlimited. Default: 0. */
  readonly maxRatio?: number;
}

export interface ConnectInput {
  /** Servers that a policy may connect to beside the configured ones, as scheme, host and port: "https://*.orders.internal", "http://127.0.0.1:*". Default: none. */
  readonly allow?: readonly string[];
}
