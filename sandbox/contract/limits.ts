/** Limits of one policy. Times in milliseconds, sizes in bytes. */
export interface PolicyLimits {
  /** Longest synchronous run of one hook but `upgrade`. */
  readonly messageTimeoutMs: number;
  /** Longest synchronous run of one `upgrade` hook. */
  readonly upgradeTimeoutMs: number;
  /** Longest run of the policy's top level at load. */
  readonly loadTimeoutMs: number;
  /** Longest time from the call of an async hook to its settlement. */
  readonly asyncTimeoutMs: number;
  /** Heap limit of the isolate, in MiB. */
  readonly memoryLimitMb: number;
  /** Largest body that a verdict may hold. */
  readonly maxResultBytes: number;
}

/** Limits of the host process. */
export interface HostLimits {
  readonly heartbeatMs: number;
  /** A host silent for so long is killed and replaced. */
  readonly silenceMs: number;
  /** A host whose resident memory is above this is killed and replaced. */
  readonly maxRssBytes: number;
  /** A version that has cost its host runs in one of its own until it has behaved for so long; 0: it stays. */
  readonly quarantineMs: number;
  readonly os: OsSandbox;
}

/**
 * Whether the operating system walls hosts in: as far as it can; wholly, or no host starts; not at all.
 */
export type OsSandbox = "auto" | "require" | "off";
