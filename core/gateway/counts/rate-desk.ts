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
  const store = fleet && new Settlements({ settle: createFleetLevels(fleet), pace: MACHINE_PACE });
  const buckets = new BucketBook(store);
  const settle: Settle = async (settlements) => settlements.map((settlement) => buckets.settle(settlement));
  if (fleet === undefined) {
    const book = new RateBook();
    return {
      ask: async (claims) => claims.map((claim) => book.lease(claim)),
      settle,
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
  return {
    ask: (claims) => Promise.all(claims.map((claim) => leases.claim(claim))),
    settle,
    stats: () => ({ forgotten: rates.forgotten() + buckets.forgotten, alone: rates.alone() }),
  };
}
