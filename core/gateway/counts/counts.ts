import type { GatewayConfig } from "../../config/index.ts";
import type { EmitEvent } from "../../events.ts";
import { createFleetChallenges, type FleetChallenges } from "../../fleet/challenges.ts";
import { type FleetStore, openFleetStore } from "../../fleet/store.ts";
import type { Logger } from "../../log.ts";
import type { SupervisorStats } from "../../metrics/gateway-metrics.ts";
import type { SupervisorParts } from "../../workers/worker.ts";
import { createCapDesk } from "./cap-desk.ts";
import { openKv } from "./kv-store.ts";
import { createRateDesk } from "./rate-desk.ts";

export interface CountsOptions {
  readonly config: GatewayConfig;
  readonly emit: EmitEvent;
  /** Of the fleet, as known last. */
  nodes(): number;
  readonly logger: Logger;
}

/** What all workers count and keep together: in this process, or with the whole fleet. */
export interface Counts {
  /** Undefined: there is no fleet. */
  readonly fleet: FleetStore | undefined;
  readonly challenges: FleetChallenges | undefined;
  /** For workers. */
  readonly books: Pick<SupervisorParts, "kv" | "askRates" | "settleRates" | "askChallenge" | "capBook">;
  stats(): Pick<SupervisorStats, "rates" | "caps">;
  start(): void;
  /** @param leave while the fleet can still be told */
  close(leave: () => Promise<void>): Promise<void>;
}

/** @throws ConfigError when a password cannot be read */
export function openCounts({ config, emit, nodes, logger }: CountsOptions): Counts {
  const fleet = config.cluster && openFleetStore(config.cluster, config.file, emit);
  const challenges = fleet && createFleetChallenges(fleet);
  const kv = openKv(config, fleet, emit);
  const rates = createRateDesk({ fleet, nodes, logger });
  const caps = createCapDesk({ fleet, nodes, logger });
  return {
    fleet,
    challenges,
    books: {
      kv,
      askRates: rates.ask,
      settleRates: rates.settle,
      askChallenge: challenges?.find,
      capBook: caps.book,
    },
    stats: () => ({ rates: rates.stats(), caps: caps.stats() }),
    start: caps.start,
    async close(leave) {
      await kv.close();
      await caps.close();
      await leave();
      await fleet?.close();
    },
  };
}
