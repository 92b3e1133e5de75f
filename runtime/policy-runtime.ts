import type { PolicyAlert } from "../sandbox/contract/capabilities.ts";
import type { HostLimits, PolicyLimits } from "../sandbox/contract/limits.ts";
import type { SandboxStats } from "../sandbox/contract/stats.ts";
import type { PolicyLogLine, SandboxEvent } from "../sandbox/contract.ts";
import {
  createBroker,
  createFetcher,
  createMemoryKv,
  createSandbox,
  DEFAULT_HOST_LIMITS,
  DEFAULT_POLICY_LIMITS,
  type Grants,
  type KvStore,
  takeFromMemory,
} from "../sandbox/index.ts";
import { loadRunning, type PolicyLoadOptions, type RunningPolicy } from "./running-policy.ts";
import { requireRuntimeOptions } from "./runtime-options.ts";

export interface RuntimeOptions {
  /** Of each policy, by the names of the table in docs/policies.md. What is left out is as a gateway has it. */
  readonly limits?: Partial<PolicyLimits>;
  /** Of the process that the policies run in, and whether the operating system walls it in (`os`). */
  readonly host?: Partial<HostLimits>;
  /** A second process stands by, to replace the first in no time. Default: true. */
  readonly standby?: boolean;
  /** What policies may do beyond reading and answering, by name or the beginning of names with a `*`. Default: nothing. */
  readonly grants?: Grants;
  /** Values by name, for policies that are granted them. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** What policies keep; the caller's to close. Default: in memory. */
  readonly kv?: KvStore;
  /** What policies log. Default: nobody is told. */
  onLog?(line: PolicyLogLine): void;
  /** What policies raise with `alert`. Default: nobody is told. */
  onAlert?(alert: PolicyAlert): void;
  /** What becomes of policies and of their processes: faults, quarantine, replaced isolates and hosts. */
  onEvent?(event: Exclude<SandboxEvent, { readonly type: "log" }>): void;
}

/** Policies in their sandbox: what of a gateway runs hooks, without its listeners, routes and sessions. */
export interface PolicyRuntime extends AsyncDisposable {
  /**
   * Load a policy as a gateway would. Rejects with what a gateway would log: what does not compile or load, with its place,
   * or options that are not what the policy's `optionsSchema` says.
   *
   * @param policy a path, relative to the working directory, a file URL, or the name of a policy of a pack
   */
  load(policy: string | URL, options?: PolicyLoadOptions): Promise<RunningPolicy>;
  /** What has happened since the start. */
  stats(): SandboxStats;
  /** End the processes; calls that are under way are faults. */
  close(): Promise<void>;
}

/** Rejects with an Error that lists what is wrong with the options, and with a SandboxError: `ERR_OS_SANDBOX` where walls of the operating system are required and cannot be had. */
export async function createRuntime(options: RuntimeOptions = {}): Promise<PolicyRuntime> {
  requireRuntimeOptions(options);
  const { grants = {}, secrets = {}, onLog, onAlert, onEvent } = options;
  const ownKv = options.kv === undefined ? createMemoryKv() : undefined;
  const kv = options.kv ?? (ownKv as KvStore);
  const fetcher = createFetcher();
  const names = new Set<string>();
  const sandbox = await createSandbox({
    limits: { ...DEFAULT_POLICY_LIMITS, ...options.limits },
    host: { ...DEFAULT_HOST_LIMITS, ...options.host },
    warmSpare: options.standby ?? true,
    broker: createBroker({
      ...{ grants, secrets, kv, fetcher, takeRate: takeFromMemory() },
      alert: (alert) => onAlert?.(alert),
    }),
    onEvent(event) {
      if (event.type === "log") onLog?.(event.line);
      else onEvent?.(event);
    },
  });
  let isClosed: Promise<void> | undefined;

  async function close(): Promise<void> {
    await sandbox.close();
    fetcher.close();
    await ownKv?.close();
  }

  return {
    load: (policy, load = {}) =>
      loadRunning({
        ...{ sandbox, policy, options: load },
        claim(name) {
          if (names.has(name))
            throw new Error(
              `the policy "${name}" is loaded already: \`reload\` it, or \`unload\` it first; two files cannot have one name`,
            );
          names.add(name);
        },
        release: (name) => void names.delete(name),
      }),
    stats: () => sandbox.stats(),
    close() {
      isClosed ??= close();
      return isClosed;
    },
    [Symbol.asyncDispose]() {
      isClosed ??= close();
      return isClosed;
    },
  };
}
