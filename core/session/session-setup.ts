import type { Socket } from "node:net";
import type { DeflateLimits, SessionConfig } from "../config/index.ts";
import type { SessionEnd } from "../events.ts";
import type { LegDeflate } from "../wire/deflate.ts";
import type { Allocate } from "../wire/frame-slab.ts";
import type { ChainSource } from "./flow/message-intake.ts";
import type { SandboxLoad } from "./leg.ts";
import type { Deadlines } from "./limits/deadlines.ts";
import type { RateGate } from "./limits/rate-gate.ts";
import type { WatchRules } from "./limits/session-watch.ts";
import type { Turn } from "./outbox.ts";
import type { SharedReads } from "./shared-reads.ts";
import type { TrafficTap } from "./tap/traffic-tap.ts";

/** What a session is made of. */
export interface SessionSetup {
  readonly id: string;
  readonly route: string;
  readonly client: { readonly socket: Socket; readonly head: Buffer; readonly address: string };
  readonly server: { readonly socket: Socket; readonly head: Buffer; readonly url: string };
  /** By leg; absent where nothing is compressed. */
  readonly deflate: { readonly client?: LegDeflate; readonly server?: LegDeflate };
  readonly deflateLimits: DeflateLimits;
  readonly limits: SessionConfig["limits"];
  /** By who sends. */
  readonly rates: { readonly client: RateGate | undefined; readonly server: RateGate | undefined };
  /** 0: no limit. */
  readonly closeTimeoutMs: number;
  readonly onError: "close" | "drop" | "pass";
  readonly watch: WatchRules;
  readonly deadlines: Deadlines;
  /** Payload of the gateway's own pings. */
  readonly pingPayload: Buffer;
  /** Who wants to know what passes; undefined: nobody. */
  readonly tap: TrafficTap | undefined;
  readonly seats: SessionSeats;
  readonly sandbox: SandboxLoad;
  readonly turn: Turn;
  readonly reads: SharedReads;
  readonly maskKeys: () => number;
  readonly allocate: Allocate;
}

/** The session's places in the policies of its route, as the route stands now. */
export interface SessionSeats extends ChainSource {
  /** Run the `close` hooks and leave. Settles when they have. */
  end(end: SessionEnd): Promise<void>;
}
