import { createFleetCaps } from "../../fleet/caps/fleet-caps.ts";
import type { FleetStore } from "../../fleet/store.ts";
import { CapBook } from "../../leases/caps/cap-book.ts";
import type { Logger } from "../../log.ts";
import type { CapStats } from "../../metrics/gateway-metrics.ts";

/** Whom the workers ask for places below caps. */
export interface CapDesk {
  readonly book: CapBook;
  stats(): CapStats;
  start(): void;
  close(): Promise<void>;
}

export interface CapDeskOptions {
  /** Undefined: there is no fleet. */
  readonly fleet: FleetStore | undefined;
  /** Of the fleet, as known last. */
  nodes(): number;
  readonly logger: Logger;
}

/** One gateway has its book in memory; those of a fleet lease from Redis what their books lend to workers. */
export function createCapDesk({ fleet, nodes, logger }: CapDeskOptions): CapDesk {
  if (fleet === undefined) {
    const book = new CapBook();
    return { book, stats: () => ({ lent: book.lent, over: 0 }), start() {}, close: async () => {} };
  }
  const cluster = fleet.name;
  const caps = createFleetCaps({
    ...{ store: fleet, nodes },
    onLost: (reason) =>
      logger.error(
        { cluster, reason },
        "connections are not counted over the fleet: each limit goes by its onStoreLoss until the cluster's Redis answers",
      ),
    onBack: (over) => logger.info({ cluster, over }, "connections are counted over the fleet again"),
  });
  const book = new CapBook(caps);
  return {
    book,
    stats: () => ({ lent: book.lent, over: caps.over }),
    start: caps.start,
    close: caps.leave,
  };
}
