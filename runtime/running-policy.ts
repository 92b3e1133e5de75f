import type { Bundle } from "../policies/bundle/bundle.ts";
import { requireDeclared } from "../policies/pack/pack-bundle.ts";
import type { PolicyFault } from "../sandbox/contract/faults.ts";
import type { HookName } from "../sandbox/contract/hooks.ts";
import type { PolicyExports, Sandbox } from "../sandbox/contract.ts";
import { SandboxError } from "../sandbox/index.ts";
import {
  type ConnectionHost,
  type ConnectionOptions,
  openPolicyConnection,
  type PolicyConnection,
} from "./connection.ts";
import { type GivenOptions, requireOptions } from "./options.ts";
import { PolicyError } from "./policy-error.ts";
import { bundleNamed } from "./policy-source.ts";
import { requireConnectionOptions, requireLoadOptions } from "./runtime-options.ts";

export interface PolicyLoadOptions {
  /** Checked against the policy's `optionsSchema`, whose defaults are filled in. */
  readonly options?: GivenOptions;
  /** The policies folder that packs were added to: a path, or a file URL. Default: `policies` in the working directory. */
  readonly policies?: string | URL;
  /** MIME type of all messages, unless `upgrade` says another. Default: `application/json`. */
  readonly contentType?: string;
}

/** A policy that is loaded, in whatever version is the newest good one. */
export interface RunningPolicy {
  readonly name: string;
  /** Tells this version from others: of its code, and of what it was made of. */
  readonly version: string;
  /** The hooks it exports. */
  readonly hooks: readonly HookName[];
  /** The route that it brings for a gateway, if it does. */
  readonly route: unknown;
  /** A connection that its hooks are called for. To be closed, or disposed of. Throws once it was unloaded. */
  connection(options?: ConnectionOptions): PolicyConnection;
  /**
   * Read the policy again. Connections that are open go on in the new version from their next call, with their `session`, and
   * with the options that they had. Rejects as `load` does: the version before goes on then. Rejects, too, once it was unloaded.
   *
   * @returns whether it is another version
   */
  reload(): Promise<boolean>;
  /** Calls of its connections are faults from now on, and nothing else can be done with it: its name is free. */
  unload(): void;
}

export interface LoadOrder {
  readonly sandbox: Sandbox;
  readonly policy: string | URL;
  readonly options: PolicyLoadOptions;
  /** What it is called must be free. Throws when it is not. */
  claim(name: string): void;
  release(name: string): void;
}

/** Rejects with a PoliciesError or a SandboxError that name the place in the policy's file. */
export async function loadRunning({ sandbox, policy, options, ...names }: LoadOrder): Promise<RunningPolicy> {
  requireLoadOptions(options);
  const first = await bundleNamed(policy, options.policies);
  const { name } = first;
  names.claim(name);
  let isUnloaded = false;
  let bundle = first;
  let { exports, given } = await take(first).catch((error: unknown) => {
    names.release(name);
    throw error;
  });
  let reloading: Promise<unknown> = Promise.resolve();

  return {
    name,
    get version() {
      return bundle.version;
    },
    get hooks() {
      return exports.hooks;
    },
    get route() {
      return exports.route;
    },
    connection(of = {}) {
      requireLoaded();
      requireConnectionOptions(of);
      return openPolicyConnection(hostOf(sandbox, { policy: name, given, options }), of);
    },
    reload() {
      const done = reloading.then(reload);
      reloading = done.catch(() => {});
      return done;
    },
    unload() {
      if (isUnloaded) return;
      isUnloaded = true;
      sandbox.remove(name);
      names.release(name);
    },
  };

  /** Its name may be another's by now. */
  function requireLoaded(): void {
    if (isUnloaded) throw new Error(`the policy "${name}" was unloaded: \`load\` it again`);
  }

  async function reload(): Promise<boolean> {
    requireLoaded();
    const newest = await bundleNamed(policy, options.policies);
    if (newest.version === bundle.version) return false;
    ({ exports, given } = await take(newest));
    bundle = newest;
    return true;
  }

  async function take(newest: Bundle): Promise<{ exports: PolicyExports; given: GivenOptions }> {
    const prepared = await sandbox.prepare(newest).catch((error: unknown) => {
      throw error instanceof SandboxError && error.code === "ERR_POLICY_LOAD"
        ? loadErrorInOwnWords(error)
        : error;
    });
    const { exports } = prepared;
    try {
      requireLoaded();
      requireDeclared(newest, exports);
      const given = requireOptions(name, exports.optionsSchema, options.options);
      prepared.commit();
      return { exports, given };
    } catch (error) {
      prepared.discard();
      throw error;
    }
  }
}

interface Use {
  readonly policy: string;
  readonly given: GivenOptions;
  readonly options: PolicyLoadOptions;
}

function hostOf(sandbox: Sandbox, { policy, given, options }: Use): ConnectionHost {
  return {
    contentType: options.contentType ?? "application/json",
    now: () => Date.now(),
    seat: (id, context, types) =>
      sandbox.seat({ policy, route: context.route.path, options: given }, id, JSON.stringify(context), types),
    call: (seat, hook, payload, sequence) =>
      new Promise((resolve, reject) => {
        seat.submit({
          ...{ hook, payload, sequence, time: Date.now() },
          settle: (outcome) =>
            outcome.kind === "fault" ? reject(new PolicyError(inOwnWords(outcome.fault))) : resolve(outcome),
        });
      }),
  };
}

/** A runtime has no config: its limits have names of their own. */
function inOwnWords(fault: PolicyFault): PolicyFault {
  if (fault.reason !== "timeout" && fault.reason !== "memory") return fault;
  return { ...fault, message: withOwnNames(fault.message) };
}

function loadErrorInOwnWords(error: SandboxError): SandboxError {
  const { stack = "" } = error;
  const details = { cause: error, frame: error.frame, stack: withOwnNames(stack) };
  return new SandboxError(error.code, withOwnNames(error.message), details);
}

function withOwnNames(text: string): string {
  return text
    .replace(/`sandbox\.(\w+Timeout)`/g, "`limits.$1Ms`")
    .replaceAll("`sandbox.memoryLimit`", "`limits.memoryLimitMb`");
}
