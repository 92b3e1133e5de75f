import { type AskBook, RateBook } from "../../../sandbox/index.ts";
import { createFleetLevels } from "../../fleet/rates/fleet-levels.ts";
import { createFleetRates } from "../../fleet/rates/fleet-rates.ts";
import type { FleetStore } from "../../fleet/store.ts";
import { RateLeases } from "../../leases/rate-leases.ts";
import type { Settle } from "../../leases/settled/account.ts";
import { BucketBook } from "../../leases/settled/bucket-book.ts";
import { MACHINE_PACE, Settlements } from "../../leases/settled/settlements.ts";
import type { Logger } from "../../log.ts";
import type { RateStats } from "../../metrics/gateway-metrics.ts";

/** Whom the workers ask for rates. */
export interface RateDesk {
  readonly ask: AskBook;
  /** What sessions have let in. */
  readonly settle: Settle;
  stats(): RateStats;
}

export interface RateDeskOptions {
  /** Undefined: there is no fleet. */
  readonly fleet: FleetStore | undefined;
  /** Of the fleet, as known last. */
  nodes(): number;
  readonly logger: Logger;
}

/** One gateway has its book in memory; those of a fleet have theirs in Redis, and lease from it for all of their workers. */
export function createRateDesk({ fleet, nodes, logger }: RateDeskOptions): RateDesk {
  if (fleet === undefined) {
    const book = new RateBook();
    const buckets = new BucketBook();
    return {
      ask: async (claims) => claims.map((claim) => book.lease(claim)),
      settle: settleIn(buckets),
      stats: () => ({ forgotten: book.forgotten + buckets.forgotten, alone: undefined }),
    };
  }
  const rates = createFleetRates({
    ...{ store: fleet, nodes },
    onLost: (reason) =>
      logger.error(
        { cluster: fleet.name, reason },
        "rates are not counted over the fleet: each limit goes by its onStoreLoss until the cluster's Redis answers",
      ),
    onBack: () => logger.info({ cluster: fleet.name }, "rates are counted over the fleet again"),
  });
  const leases = new RateLeases(rates.ask);
  const levels = createFleetLevels(fleet);
  const buckets = new BucketBook(new Settlements({ settle: levels.settle, pace: MACHINE_PACE }));
  return {
    ask: (claims) => Promise.all(claims.map((claim) => leases.claim(claim))),
    settle: settleIn(buckets),
    stats() {
      const alone = rates.alone();
      return {
        forgotten: rates.forgotten() + buckets.forgotten,
        alone: { ...alone, local: alone.local + levels.alone() },
      };
    },
  };
}

function settleIn(buckets: BucketBook): Settle {
  return async (settlements) => settlements.map((settlement) => buckets.settle(settlement));
}
