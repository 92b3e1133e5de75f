import { randomBytes } from "node:crypto";
import type { Sandbox } from "../../sandbox/contract.ts";
import type { Deadlines } from "../session/limits/deadlines.ts";
import { type RateCount, RateCounts } from "../session/limits/rate-counts.ts";
import { RateBuckets } from "../session/limits/rate-gate.ts";
import { findRateKey } from "../session/limits/rate-key.ts";
import { Turn } from "../session/outbox.ts";
import { Session, type SessionOptions } from "../session/session.ts";
import { createSessionSeats } from "../session/session-seats.ts";
import { SharedReads } from "../session/shared-reads.ts";
import type { TrafficTap } from "../session/tap/traffic-tap.ts";
import type { AcceptedUpgrade } from "../upgrade/accepted-upgrade.ts";
import { createFrameSlab } from "../wire/frame-slab.ts";
import { createMaskKeys } from "../wire/mask.ts";

/** Makes sessions of accepted upgrades, out of what those of one process share. */
export interface SessionMaker {
  make(accepted: AcceptedUpgrade, parts: SessionParts): Session;
  /** What rates have done since this process started. */
  rateCounts(): readonly RateCount[];
}

/** What belongs to one session alone. */
export interface SessionParts {
  readonly tap: TrafficTap | undefined;
  readonly onEnd: SessionOptions["onEnd"];
  readonly onLeave: SessionOptions["onLeave"];
}

export function createSessionMaker(sandbox: Sandbox, deadlines: Deadlines): SessionMaker {
  const buckets = new RateBuckets(deadlines);
  const counts = new RateCounts();
  const shared = {
    sandbox,
    deadlines,
    turn: new Turn(),
    reads: new SharedReads(),
    pingPayload: randomBytes(8),
    maskKeys: createMaskKeys(),
    allocate: createFrameSlab(),
  };

  return {
    make(accepted, { tap, onEnd, onLeave }) {
      const { id, runtime, policies, context, types } = accepted;
      const { config } = runtime;
      return new Session({
        ...shared,
        ...accepted,
        route: runtime.name,
        deflate: accepted.extensions.deflate,
        deflateLimits: config.compression,
        limits: config.session.limits,
        closeTimeoutMs: config.closeTimeoutMs,
        onError: config.onError,
        rates: { client: openRate(accepted, "client"), server: openRate(accepted, "server") },
        watch: { ...config.session, expires: accepted.expires },
        tap,
        seats: createSessionSeats({ sandbox: policies.sandbox, route: policies.route, id, context, types }),
        onEnd,
        onLeave,
      });
    },
    rateCounts: () => counts.all(),
  };

  function openRate({ runtime, context }: AcceptedUpgrade, side: "client" | "server") {
    const rate = runtime.config.session.rate[side];
    if (rate === undefined) return undefined;
    const key = findRateKey(rate, side, runtime.name, context);
    return buckets.open(rate, key, counts.counter(runtime.name, side, rate.action));
  }
}
