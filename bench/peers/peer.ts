/** What stands between the load and the echo server: a row of the tables. All run one worker, one thread, as shipped. */
export interface Peer {
  /** For `--rows`, and for the goals. */
  readonly id: string;
  /** What the tables call it. */
  readonly title: string;
  /** Measured unless `--rows` or `--full` say otherwise. */
  readonly isUsual: boolean;
  /** It puts a member into each message of a client, as `USER_MEMBER` has it. */
  readonly rewrites: boolean;
  /** And into each of the server's. */
  readonly rewritesServer?: boolean;
  /** What has a `reload` once it runs. */
  readonly reloads: boolean;
  /** The columns that it is there for; absent: all that suit it. */
  readonly only?: readonly string[];
  /** How to get what is missing here; undefined: it is here. */
  missing(): string | undefined;
  start(upstream: Upstream): Promise<RunningPeer>;
}

/** The echo server, on loopback. */
export interface Upstream {
  readonly port: number;
}

export interface RunningPeer {
  /** It, and all that descend from it, is what is measured. */
  readonly pid: number;
  readonly port: number;
  /** Connections are spread over them. */
  readonly paths: readonly string[];
  /** From its start until it took a connection. */
  readonly readyMs: number;
  /** Brings another version into use while connections are open; absent where nothing is reloaded. */
  readonly reload?: (version: number) => Promise<void>;
  stop(): Promise<void>;
}
