import { randomBytes } from "node:crypto";
import type { Sandbox } from "../../sandbox/contract.ts";
import { SharedReads } from "../../sandbox/shared-reads.ts";
import type { Settle } from "../leases/settled/account.ts";
import type { Deadlines } from "../session/limits/deadlines.ts";
import { type RateCount, RateCounts } from "../session/limits/rate-counts.ts";
import { RateBuckets } from "../session/limits/rate-gate.ts";
import { findRateKey } from "../session/limits/rate-key.ts";
import { type MeterReading, RouteMeters } from "../session/meters/route-meters.ts";
import { Newcomers } from "../session/newcomers.ts";
import type { HoldingPlaces } from "../session/operator/holding-places.ts";
import { Turn } from "../session/outbox.ts";
import { Session, type SessionOwner } from "../session/session.ts";
import { RouteSeats } from "../session/session-seats.ts";
import type { SessionSetup } from "../session/session-setup.ts";
import type { AcceptedUpgrade } from "../upgrade/accepted-upgrade.ts";
import { createFrameSlab } from "../wire/frame-slab.ts";
import { createMaskKeys } from "../wire/mask.ts";

/** Makes sessions of accepted upgrades, out of what those of one process share. */
export interface SessionMaker {
  make(
    accepted: AcceptedUpgrade,
    watched: Pick<SessionSetup, "startedAt" | "tap" | "sampler" | "mirror">,
  ): Session;
  /** What rates have done since this process started. */
  rateCounts(): readonly RateCount[];
  /** How large messages are, and how long they are in the gateway. */
  meterReadings(): readonly MeterReading[];
  /** The second of all routes together, see `RouteMeters`. */
  latencies(): readonly number[];
}

export interface SharedBooks {
  readonly holding: HoldingPlaces;
  /** Undefined: no other process has sessions. */
  readonly settle: Settle | undefined;
}

/** @param owner of all of them */
export function createSessionMaker(
  sandbox: Sandbox,
  deadlines: Deadlines,
  owner: SessionOwner,
  { holding, settle }: SharedBooks,
): SessionMaker {
  const buckets = new RateBuckets(deadlines, deadlines.read, settle);
  const counts = new RateCounts();
  const meters = new RouteMeters();
  const turn = new Turn();
  const takeLarge = (size: number) => turn.memory.take(size);
  const shared = {
    sandbox,
    deadlines,
    newcomers: new Newcomers(),
    turn,
    reads: new SharedReads(),
    pingPayload: randomBytes(8),
    maskKeys: createMaskKeys(),
    allocate: createFrameSlab(takeLarge),
    allocateFrame: createFrameSlab(takeLarge),
  };

  return {
    make(accepted, watched) {
      const { id, runtime, policies, client, server, context, types, terms, held } = accepted;
      const { startedAt, tap, sampler, mirror } = watched;
      const setup = {
        id,
        runtime,
        sockets: { client: client.socket, server: server.socket },
        deflate: accepted.extensions.deflate,
        rates: openRates(accepted),
        meters: meters.of(runtime.name),
        terms,
        recycleSpreadMs: policies.recycleSpreadMs,
        startedAt,
        tap,
        sampler,
        mirror,
        seats: new RouteSeats({
          sandbox: policies.sandbox,
          route: policies.route,
          name: runtime.name,
          id,
          context,
          types,
          holding,
          limits: runtime.config.session.limits,
          deflate: accepted.extensions.deflate,
        }),
        held,
        rules: runtime.config,
        shared,
      };
      return new Session(setup, owner);
    },
    rateCounts: () => counts.all(),
    meterReadings: () => meters.read(),
    latencies: () => meters.latencies(),
  };

  function openRates(accepted: AcceptedUpgrade): SessionSetup["rates"] {
    const [client, server] = [openRate(accepted, "client"), openRate(accepted, "server")];
    return client === undefined && server === undefined ? UNLIMITED : { client, server };
  }

  function openRate({ runtime, context }: AcceptedUpgrade, side: "client" | "server") {
    const rate = runtime.config.session.rate[side];
    if (rate === undefined) return undefined;
    const key = findRateKey(rate, side, runtime.name, context);
    return buckets.open(rate, key, counts.counter(runtime.name, side, rate.action));
  }
}

/** Of most sessions. */
const UNLIMITED = { client: undefined, server: undefined };
