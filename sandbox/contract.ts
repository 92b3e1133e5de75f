/**
 * The one contract between the gateway's trusted side (sessions, upgrade, reload) and the sandbox. Plain data and the
 * interfaces of the sandbox's client; imports nothing but types, of its parts in `contract/` and of what authors see.
 *
 * The worker owns what must survive: the upgrade context of each connection, the checkpoint of each policy's `session`,
 * and every call that is not answered yet. The sandbox host owns isolates only, and may die at any time.
 *
 *   session ──seat.submit(call)──▶ Sandbox (client, in the worker) ══ socket, one write a turn ══▶ host ──▶ isolate
 *           ◀──call.settle(outcome)──                              ◀══════════════════════════════
 */

import type { FaultReason, PolicyFault, QuarantineEntry } from "./contract/faults.ts";
import type { HookName, Payload, Side } from "./contract/hooks.ts";
import type { PolicyTallies, SandboxStats } from "./contract/stats.ts";
import type { Outcome } from "./contract/verdicts.ts";
import type { Client, Request, Route, When } from "./policy-api.ts";

/** One policy, compiled: what the bundler makes and the sandbox loads. */
export interface PolicyBundle {
  /** The file's path below the policy folder, without its ending: `auth`, `billing/audit`. */
  readonly name: string;
  /** Absolute path of the entry file, for messages. */
  readonly file: string;
  /** The first 12 hex digits of a SHA-256 over `code` and the sources it was made of. */
  readonly version: string;
  /** A classic script that, run once, leaves the policy's exports in a variable named `__policy`. */
  readonly code: string;
  /** Source map (JSON) of `code`, sources as absolute or folder-relative paths, with their content. */
  readonly sourceMap: string;
  /** Absent: it is a policy. */
  readonly own?: OwnCode;
}

/** Code of the gateway's own, about what policies bring. It may make code from strings, as no policy may. */
export interface OwnCode {
  /** In place of that of the limits, which is chosen for policies. */
  readonly loadTimeoutMs: number;
}

/**
 * One hook call. The caller makes it, submits it to a seat and keeps it; the sandbox keeps it until it has called
 * `settle` exactly once. `payload` must stay untouched until then: the call may have to be sent again.
 */
export interface HookCall {
  readonly hook: HookName;
  /** For `client` and `server`: the whole message, unmasked and inflated. For the others: JSON text of the hook's own part of the context. */
  readonly payload: Payload;
  /** `client` and `server` only: position in this direction, from 1. */
  readonly sequence: number;
  /** `client` and `server` only: when the message was complete, ms since 1970. */
  readonly time: number;
  /** It takes this payload, and need not be asked again. */
  readonly matchedBy?: MessageMatcher | undefined;
  /** Memory for what the message becomes by a verdict that changes it where it lies; absent: any. */
  readonly allocate?: (size: number) => Buffer;
  settle(outcome: Outcome): void;
}

/** This version has these options, also when it is not on its way any more: its schema made them. */
export interface CanaryOptions {
  readonly version: string;
  readonly options: PolicyBinding["options"];
}

/** What all connections of one use of a policy in one route share. */
export interface PolicyBinding {
  readonly policy: string;
  readonly route: string;
  readonly options: Readonly<Record<string, unknown>>;
  /** Those of a version that is on its way, where they are others. */
  readonly canaryOptions?: CanaryOptions;
  /** The hooks that run here; absent: all that the policy exports. The caller's to heed: the sandbox does not look. */
  readonly hooks?: readonly HookName[];
}

/** The MIME type of a connection's messages, by who sends them. */
export interface ContentTypes {
  readonly client: OpcodeTypes;
  readonly server: OpcodeTypes;
}

export interface OpcodeTypes {
  readonly text: string;
  readonly binary: string;
}

/** What is known of a connection when its request has come: plain JSON, the headers a list of what authors see as a set. */
export interface RequestContext {
  readonly request: Omit<Request, "headers"> & {
    readonly headers: readonly (readonly [name: string, value: string])[];
  };
  readonly client: Client;
  readonly route: Route;
}

/**
 * The upgrade context, but for the `id`: what all later hooks of a connection read. Plain JSON, made when the server has
 * agreed, and kept as its text: a connection that is idle is to take little room.
 */
export interface ConnectionContext extends RequestContext {
  readonly attributes: Readonly<Record<string, unknown>>;
  /** Milliseconds since 1970; absent: it does not expire. */
  readonly expires?: number;
  readonly subprotocol: string;
  readonly server: { readonly url: string };
}

/** Tells on the bytes of messages whether a hook is for them. */
export interface MessageMatcher {
  /** False: it is not, whatever else the message holds. @param length in bytes; undefined: not known yet */
  fits(binary: boolean, length: number | undefined): boolean;
  matches(message: Payload): boolean;
}

/** One connection's place in one policy: holds its upgrade context and its `session` state, across versions and hosts. */
export interface Seat {
  readonly policy: string;
  /**
   * The version that its last call ran in, also while that settles and another is the newest already; before the first that which
   * it is to run in, "" when there is none.
   */
  readonly version: string;
  /**
   * Queue a call. Calls of one seat and hook start, and settle, in the order they were submitted, each when the one
   * before has settled, also across a reload, a rebuilt isolate and a replaced host.
   */
  submit(call: HookCall): void;
  /** Which messages the version that its next call runs in is for, by `when`; undefined: all. `submit` heeds it by itself. */
  matcher(hook: Side): MessageMatcher | undefined;
  /** Count a message that was not even submitted, since this matcher does not take it. */
  skip(hook: Side): void;
  /** From the next call on the connection's context is another. @param context as when the seat was taken */
  renew(context: string, renewed: Pick<ConnectionContext, "attributes" | "expires">): void;
  /** A version is on its way that has options of its own. */
  offer(canaryOptions: CanaryOptions): void;
  /** What its policy has said, or a fault of it, ends the connection. */
  end(): void;
  /** Free the guest's copy of the context. Calls not settled yet still settle. */
  close(): void;
}

/** A version that has been loaded and can be swapped in. */
export interface PreparedPolicy {
  readonly name: string;
  readonly version: string;
  readonly exports: PolicyExports;
  /** Make it the current version: seats move to it, with their `session`, at their next call. Synchronous. */
  commit(): void;
  /** Let it be on its way beside the current version, in place of any other that is: for connections that choose it. */
  commitBeside(): void;
  /** Forget it. */
  discard(): void;
}

export interface PolicyExports {
  /** Which version has them, once it is loaded. */
  readonly version?: string;
  readonly hooks: readonly HookName[];
  /** The JSON of `export const route`, if there is one. */
  readonly route?: unknown;
  /** The JSON of `export const optionsSchema`, if there is one: a JSON Schema, not checked yet. */
  readonly optionsSchema?: unknown;
  /** The JSON of `export const capabilities`: what the policy asks to be granted. Grants nothing. */
  readonly capabilities?: unknown;
  /** Checked. */
  readonly when?: When;
}

/** Whether a connection is on the side of a version that is on its way. Asked again when `reviewSides` says so. */
export type IsCanary = (policy: string, version: string) => boolean;

/** The policies as a connection sees them that chooses between a current version and one that is on its way. */
export interface ChoosingPolicies extends Pick<Sandbox, "exports" | "seat" | "pin"> {}

/** The versions that policies had at one moment, for as long as somebody holds on to them. */
export interface PinnedPolicies extends Pick<Sandbox, "exports" | "seat"> {
  /** Where a version was on its way, it is known now which of both the connection keeps; it holds both before. */
  settle(): void;
  /** Let go. Seats that were taken here keep their version until they are closed and their calls have settled. */
  release(): void;
}

export interface Sandbox {
  /**
   * Load a version beside the current one. Rejects with a SandboxError: `ERR_POLICY_LOAD` has the author's stack and a code
   * frame, `ERR_HOST_START` what kept the host process for it from starting.
   */
  prepare(bundle: PolicyBundle): Promise<PreparedPolicy>;
  /** Versions come soon: the shared host starts now, and not with the first of them. */
  expectVersions(): void;
  /** Drop a policy: calls submitted from now on settle as `unavailable`, but for those of pinned seats. */
  remove(policy: string): void;
  /**
   * Which policies share a host process: those of the same group, by name. One that is not named is in the group "".
   * Versions that are loaded move when their group changes; order and `session` are kept.
   */
  isolate(groups: ReadonlyMap<string, string>): void;
  /** These have cost a host elsewhere. */
  quarantine(entries: readonly QuarantineEntry[]): void;
  /** The hooks of the current version; undefined when there is none. */
  exports(policy: string): PolicyExports | undefined;
  /** @param context JSON of a `ConnectionContext`; for the seat of an `upgrade` call of a `RequestContext` */
  seat(binding: PolicyBinding, id: string, context: string, types: ContentTypes): Seat;
  /** Whether connections have places in this policy, in whatever version. */
  isSeated(policy: string): boolean;
  /**
   * Hold the current version of each of these policies: seats taken here stay in it, whatever is committed or removed.
   * A policy that has none is not held, and its seats move as all others do.
   */
  pin(policies: readonly string[]): PinnedPolicies;
  /** Connections that this chooses for. */
  choose(isCanary: IsCanary): ChoosingPolicies;
  /** Connections may be on other sides than before. */
  reviewSides(): void;
  /** The version that is on its way is the current one now. @returns false when it is not on its way */
  promote(policy: string, version: string): boolean;
  /** No version is on its way any more: connections that chose it go on in the current one. */
  withdraw(policy: string): void;
  /** How versions that are on their way do, and those that they are compared with. */
  takeTallies(): readonly PolicyTallies[];
  /** How many versions of each policy stay loaded only because they are pinned; policies without any are left out. */
  pinnedVersions(): ReadonlyMap<string, number>;
  /** Bytes submitted and not settled, over all seats. Above `HIGH_TIDE_BYTES` the caller pauses its sockets. */
  readonly pendingBytes: number;
  /** What has happened since the start. */
  stats(): SandboxStats;
  close(): Promise<void>;
}

/** Above so many pending bytes nothing is read on that adds to them, until the event `drained`. */
export const HIGH_TIDE_BYTES = 32 * 1024 * 1024;

export interface PolicyLogLine {
  readonly level: "debug" | "info" | "warn" | "error";
  readonly policy: string;
  readonly route: string;
  /** The session's id, "" for a line logged while the policy loads. */
  readonly session: string;
  readonly text: string;
}

export type SandboxEvent =
  | { readonly type: "log"; readonly line: PolicyLogLine }
  | { readonly type: "fault"; readonly fault: PolicyFault; readonly route: string; readonly session: string }
  /** It has cost its host, here, and runs in one of its own from now on. Told again while it goes on. */
  | { readonly type: "policy-quarantined"; readonly entry: QuarantineEntry }
  | { readonly type: "isolate-replaced"; readonly policy: string; readonly reason: FaultReason }
  /** A host process is there, or gone: whoever outlives this process may have to end what it leaves behind. */
  | { readonly type: "host-started" | "host-ended"; readonly pid: number }
  | {
      readonly type: "host-replaced";
      readonly reason: "silent" | "memory" | "exited" | "nonsense";
      readonly detail: string;
      readonly pid: number;
    }
  | { readonly type: "drained" }; // pendingBytes has fallen below half of what it was at its last peak over HIGH_TIDE_BYTES
