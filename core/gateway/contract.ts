import type { PolicyState } from "../../policies/reload/policy-state.ts";
import type { createSandbox } from "../../sandbox/index.ts";
import type { Address, GatewayConfig, VersionInput } from "../config/index.ts";
import type { Entry } from "../listen/entry.ts";
import type { ListenerAddress } from "../listen/listener-plan.ts";
import type { Logger } from "../log.ts";
import type { Wording } from "./news/wording.ts";
import type { VersionProbe } from "./probes/probe.ts";

export interface GatewayOptions {
  /** Default: JSON lines on stdout at the config's level. */
  readonly logger?: Logger;
  /** How the log says what happens. Default: with all that is known, for machines. */
  readonly wording?: Wording;
  /** Watch the policy folder. Default: true. */
  readonly watch?: boolean;
  /** Makes the sandbox of the sessions. Only with `workers: 0`: other workers make their own. */
  readonly newSandbox?: typeof createSandbox;
  /** Told where requests come in that another HTTP server has read. Only with `workers: 0`. */
  readonly onEntry?: (entry: Entry) => void;
  /**
   * The config with what a version of the source says in place of its own, read anew. Default: of a config that is resolved
   * already nothing is replaced.
   */
  readonly withVersion?: (version: VersionInput) => Promise<GatewayConfig>;
  /** Whether new versions of policies come step by step where the config says so. Default: true. */
  readonly rollout?: boolean;
  /** Where new versions are loaded first; stays open when the gateway stops. Default: a sandbox of the gateway's own. */
  readonly probe?: VersionProbe;
  /** Nothing else is in this process: once started, it collects all of its garbage at once. Default: false. */
  readonly ownsProcess?: boolean;
}

export interface GatewayAddresses {
  readonly listen: readonly ListenerAddress[];
  readonly console?: Address;
}

export interface Gateway {
  /**
   * Settles when connections are accepted, or when it has been stopped meanwhile. Rejects with a GatewayError: `ERR_LISTEN`
   * names the address, `ERR_TLS` the option and the file; with a SandboxError: `ERR_HOST_START` when there are policies and
   * no process that can hold them, `ERR_OS_SANDBOX` where `sandbox.os` requires what is not to be had.
   */
  start(): Promise<void>;
  /** Stop accepting, close the sessions as `drain` says, and end. */
  stop(): Promise<void>;
  /**
   * Read the policy folder again; with a config, take its listeners, routes and drain too. Rejects, with a GatewayError,
   * when a new listener cannot be had: everything is as it was then.
   */
  reload(config?: GatewayConfig): Promise<void>;
  /** Known once `start` has settled. */
  readonly addresses: GatewayAddresses;
  policies(): readonly PolicyState[];
}
