import type { Socket } from "node:net";
import type { Side } from "../../sandbox/contract/hooks.ts";
import type { Seat } from "../../sandbox/contract.ts";
import type { SharedReads } from "../../sandbox/shared-reads.ts";
import type { RouteConfig } from "../config/index.ts";
import type { MirrorTaps } from "../mirror/mirrors.ts";
import type { Holdings } from "../request/holdings.ts";
import type { Term } from "../request/terms.ts";
import type { RouteRuntime } from "../routes/route-runtime.ts";
import type { SessionEnd } from "../session-end.ts";
import type { LegDeflate } from "../wire/deflate.ts";
import type { Allocate } from "../wire/frame-slab.ts";
import type { ChainSource } from "./flow/message-intake.ts";
import type { Deadlines } from "./limits/deadlines.ts";
import type { RateGate } from "./limits/rate-gate.ts";
import type { SideMeters } from "./meters/route-meters.ts";
import type { Newcomers } from "./newcomers.ts";
import type { Turn } from "./outbox.ts";
import type { MessageSampler } from "./tap/message-sampler.ts";
import type { TrafficTap } from "./tap/traffic-tap.ts";
import type { TimedSeats } from "./times/timed-hooks.ts";

/**
 * What a session is made of. It is there for as long as the session, which is mostly idle: so what sessions have in common
 * is named here and not copied, and what only the start needs is not kept.
 */
export interface SessionSetup {
  readonly id: string;
  readonly runtime: Pick<RouteRuntime, "name" | "config">;
  /** When the client was let in, on the clock of `performance.now`. */
  readonly startedAt: number;
  readonly sockets: Readonly<Record<Side, Socket>>;
  /** By leg; absent where nothing is compressed. */
  readonly deflate: { readonly client?: LegDeflate; readonly server?: LegDeflate };
  /** By who sends. */
  readonly rates: { readonly client: RateGate | undefined; readonly server: RateGate | undefined };
  /** What measures its messages. */
  readonly meters: SideMeters;
  /** What `upgrade` hooks have said of its time; undefined: nothing. */
  readonly terms: readonly Term[] | undefined;
  /** See `ConnectionPolicies`. */
  readonly recycleSpreadMs: number | undefined;
  /** Who gets copies of what is sent; undefined: nobody. */
  readonly mirror: MirrorTaps | undefined;
  /** Who wants to know what passes, as the session begins; undefined: nobody. */
  readonly tap: TrafficTap | undefined;
  /** The same of some messages. */
  readonly sampler: MessageSampler | undefined;
  readonly seats: SessionSeats;
  /** What the connection has taken at its route and at its upstream. */
  readonly held: Pick<Holdings, "giveBack">;
  readonly rules: SessionRules;
  readonly shared: SharedParts;
}

/** What the route says of sessions that begin now. */
export type SessionRules = Pick<RouteConfig, "session" | "compression" | "closeTimeoutMs" | "onError">;

/** How much the policies have in hand, over all sessions of this process. */
export interface SandboxLoad {
  readonly pendingBytes: number;
}

/** What all sessions of a process share. */
export interface SharedParts {
  readonly deadlines: Deadlines;
  readonly newcomers: Newcomers;
  /** Payload of the gateway's own pings. */
  readonly pingPayload: Buffer;
  readonly sandbox: SandboxLoad;
  readonly turn: Turn;
  readonly reads: SharedReads;
  readonly maskKeys: () => number;
  /** Memory for messages. */
  readonly allocate: Allocate;
  /** Memory for frames: in that of messages they would not lie behind each other. */
  readonly allocateFrame: Allocate;
}

/** The session's places in the policies of its route, as the route stands now. */
export interface SessionSeats extends ChainSource, TimedSeats {
  /** The session has lasted: it may be idle for long, and is to take little memory. */
  onLasting(): void;
  /** Without a version: none is loaded. */
  policies(): readonly { readonly name: string; readonly version: string | undefined }[];
  /** A policy of the chain has an interval. */
  readonly hasTicks: boolean;
  /** The policies alone. */
  policyChain(origin: Side): readonly Seat[];
  /** Messages of the session that an operator holds. */
  readonly held: number;
  /** When one was let go last, on the clock of the deadlines: Infinity while there is any, 0 when there was none. */
  readonly heldUntil: number;
  /** Its messages can be held. */
  readonly isHoldable: boolean;
  /** It ends, or one of its sides says nothing more: what is held goes, and nothing more is held. */
  letGo(): void;
  /** Run the `close` hooks and leave. Settles when they have. */
  end(end: SessionEnd): Promise<void>;
}
