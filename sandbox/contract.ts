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

import type { Client, NextTick, Request, Route, When } from "./policy-api.ts";

/** Who of a connection: whose messages, and which of its two legs. */
export type Side = "client" | "server";

export type HookName = "upgrade" | "unavailable" | "client" | "server" | "tick" | "renew" | "close";

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

/** How a policy has cost its host. */
export type QuarantineReason = "hang" | "crash" | "memory" | "nonsense";

/** A version that runs in a host of its own, for what it has done. */
export interface QuarantineEntry {
  readonly policy: string;
  readonly version: string;
  readonly reason: QuarantineReason;
  /** On the machine's clock, which all processes share; later when it does it again. */
  readonly until: number;
}

export interface Payload {
  readonly binary: boolean;
  readonly bytes: Uint8Array;
}

export type FaultReason =
  | "throw" // the hook threw, or its promise was rejected
  | "verdict" // the hook returned something that is not a verdict
  | "timeout" // the hook ran, or stayed pending, for too long
  | "memory" // the isolate ran out of memory while this call ran
  | "killed" // the host process died, or was killed, while this call ran
  | "nonsense" // what came out of the sandbox for this call is nothing that its own code says
  | "unavailable"; // the policy has no version that could be loaded, or its breaker is open

export interface PolicyFault {
  readonly reason: FaultReason;
  readonly policy: string;
  readonly version: string;
  readonly hook: HookName;
  /** One sentence for the author: what was expected, what was got. */
  readonly message: string;
  /** Stack in the author's TypeScript files and lines, host and guest frames cut off; "" when there is none. */
  readonly stack: string;
}

export interface CheckedClose {
  readonly code: number;
  readonly reason: string;
  /** What was broken, as the policy calls it: told to no peer. */
  readonly rule?: string;
}

/** What a hook says that no message has called: the parts of a `tick` verdict. */
export interface Initiative {
  readonly toClient: readonly Payload[];
  readonly toServer: readonly Payload[];
  readonly close?: CheckedClose;
  /** Of `at`: milliseconds since 1970. */
  readonly tick?: NextTick;
}

/** What a `renew` hook says. Absent: as it was. */
export interface Renewal extends Initiative {
  readonly attributes?: Readonly<Record<string, unknown>>;
  /** Milliseconds since 1970, as the next. */
  readonly expires?: number;
  readonly renewAt?: number;
}

/** What the verdict of a `client` or `server` hook says that is not about its message. */
export interface Aside {
  readonly tick?: NextTick;
  /** What the policy's `renew` hook says, which the verdict has called. */
  readonly renewal?: Renewal;
}

/** How a call ended. `upgrade` and `message` carry a verdict whose shape and values have been checked. */
export type Outcome =
  | { readonly kind: "unchanged" }
  /** The policy's `when` is not for this message: the hook was not called. */
  | { readonly kind: "skipped" }
  | {
      readonly kind: "message";
      /** The message in place of the original; absent: the original stays, unless `drop`. */
      /** Its bytes are given away: who gets it may write over them. */
      readonly body?: Payload;
      readonly drop: boolean;
      readonly reply: readonly Payload[];
      readonly append: readonly Payload[];
      readonly close?: CheckedClose;
      /** Milliseconds, of each message that the policy had held back. */
      readonly held?: readonly number[];
      readonly aside?: Aside;
    }
  | ({ readonly kind: "tick"; readonly renewal?: Renewal; readonly held?: readonly number[] } & Initiative)
  | ({ readonly kind: "renew" } & Renewal)
  | { readonly kind: "upgrade"; readonly verdict: CheckedUpgradeVerdict }
  | { readonly kind: "unavailable"; readonly verdict: CheckedUnavailableVerdict }
  | { readonly kind: "fault"; readonly fault: PolicyFault };

/** Header names in lower case; a list sets, null removes. */
export type CheckedHeaderChanges = Readonly<Record<string, readonly string[] | null>>;

export interface CheckedRejection {
  readonly status: number;
  readonly headers: CheckedHeaderChanges;
  readonly body: string;
  readonly contentType: string;
}

export interface CheckedUpgradeVerdict {
  readonly connect?: string;
  readonly reject?: CheckedRejection;
  readonly attributes?: Readonly<Record<string, unknown>>;
  readonly headers?: CheckedHeaderChanges;
  readonly responseHeaders?: CheckedHeaderChanges;
  readonly subprotocol?: string;
  readonly contentType?: string;
  /** Milliseconds since 1970, as the next. */
  readonly expires?: number;
  readonly renewAt?: number;
  readonly tick?: NextTick;
}

/** `reject` stands alone. */
export interface CheckedUnavailableVerdict {
  readonly reject?: CheckedRejection;
  readonly connect?: string;
  readonly hold?: CheckedHold;
}

/** The client is let in before there is a server: for how long, and what of its own is kept for that. */
export interface CheckedHold {
  readonly forMs: number;
  readonly messages: number;
  readonly bytes: number;
  readonly subprotocol?: string;
  /** When no server can be had until then. */
  readonly close: { readonly code: number; readonly reason: string };
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

/** What one version did since it was last asked. A call is counted when it is back. */
export interface Tally {
  readonly calls: number;
  readonly faults: number;
  /** Connections that it was called for, each once in its life, those that its `upgrade` hook has refused among them. */
  readonly sessions: number;
  /** Those of them that it has ended: by a verdict, or by a fault. */
  readonly closes: number;
  /** Calls by their time from here to the host and back: at most so many milliseconds. */
  readonly latency: readonly (readonly [upToMs: number, calls: number])[];
}

/** Of a policy with a version on its way. */
export interface PolicyTallies {
  readonly policy: string;
  readonly current: Tally;
  readonly canary: Tally & {
    readonly version: string;
    /** Calls do not reach it, since it has failed so often. */
    readonly isBroken: boolean;
  };
}

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

/** Counts since the start. One call may count under several verdicts: replaced, and replied. */
export interface HookStats {
  readonly hook: HookName;
  readonly calls: number;
  readonly unchanged: number;
  /** A new body; of an upgrade, a verdict that changes something. */
  readonly replaced: number;
  readonly dropped: number;
  readonly replied: number;
  readonly appended: number;
  readonly closed: number;
  readonly rejected: number;
  readonly faults: number;
  /** Messages that the policy's `when` is not for: no calls. */
  readonly skipped: number;
  /** Time in the isolate, microseconds. Calls that entered it together share the time of that entry evenly. */
  readonly timeUs: number;
  /** Of messages that the policy had held back, by the upper bound of how long; absent: it has not. */
  readonly held?: HeldTimes;
}

/** In milliseconds. The last bound is Infinity. */
export interface HeldTimes {
  readonly sum: number;
  /** Not cumulative. */
  readonly upTo: readonly (readonly [bound: number, messages: number])[];
}

export interface PolicyTotals {
  readonly policy: string;
  readonly breaker: "closed" | "open" | "half-open";
  /** Of its isolates, as of a second ago; 0: not known yet. */
  readonly heapBytes: number;
  /** Hooks that have been called, or could have been. */
  readonly hooks: readonly HookStats[];
}

export interface PolicyStats extends PolicyTotals {
  /** The same by route. Beyond some thousand routes of one policy those that come later are together, under "". */
  readonly routes: readonly { readonly route: string; readonly hooks: readonly HookStats[] }[];
}

export interface SandboxStats {
  readonly policies: readonly PolicyStats[];
  /** How many calls entered an isolate together: all of them, and batches by their greatest number of calls. */
  readonly batches: {
    readonly calls: number;
    readonly upTo: readonly (readonly [calls: number, batches: number])[];
  };
  /** The host process in use: resident memory, and the CPU time of it and those before it, as of a second ago. */
  readonly host: { readonly rssBytes: number; readonly cpuUs: number };
}

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
