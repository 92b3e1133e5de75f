import { hostname } from "node:os";
import type { GatewayView } from "../admin/gateway-view.ts";
import type { GatewayConfig } from "../config/index.ts";
import { createNodeDesk, type NodeDeskOptions } from "../fleet/desk/node-desk.ts";
import { createNodeHoldDesk, type NodeHoldDeskOptions } from "../fleet/desk/node-hold-desk.ts";
import type { Fleet, FleetNews } from "../fleet/fleet.ts";
import type { NodeReport } from "../fleet/report.ts";
import type { FleetStore } from "../fleet/store.ts";
import type { Logger } from "../log.ts";
import type { SharedWay } from "../rollout/shared-way.ts";
import type { SteeringJobs } from "../steering/steering-jobs.ts";
import type { SteeredWorker } from "../steering/steering-order.ts";
import { readVersion } from "../version.ts";
import type { QuestionMethods } from "../workers/requests.ts";
import { createConfigDigests } from "./config-digest.ts";

/** The place of this node in the fleet; without one it is by itself, and all that there is. */
export interface FleetSeat extends Pick<GatewayView, "node" | "desk" | "holds" | "fleet"> {
  /** What is wrong with its part in the fleet, as known last. */
  problem: GatewayView["fleetProblem"];
  /** How many nodes there are, as known last: 1 without a fleet, and before anything is known. */
  nodes(): number;
  /** The ways of versions that all nodes go together; undefined: there is no fleet. */
  readonly ways: SharedWay | undefined;
  start(): void;
  close(): Promise<void>;
}

export interface FleetSeatOptions {
  /** Undefined: there is no fleet. */
  readonly store: FleetStore | undefined;
  readonly workers: NodeDeskOptions["workers"] &
    NodeHoldDeskOptions["workers"] &
    Pick<QuestionMethods, "openSessions">;
  readonly breakpoints: NodeHoldDeskOptions["book"];
  steered(): readonly SteeredWorker[];
  readonly steering: Pick<SteeringJobs, "start" | "list" | "stop">;
  readonly rules: NodeHoldDeskOptions["rules"];
  readonly logger: Logger;
  /** What the others are told. */
  describe(): Pick<NodeReport, "workers" | "state" | "policies" | "rollouts">;
  config(): GatewayConfig;
}

const COUNT_EVERY_MS = 1_000;

export async function createFleetSeat(options: FleetSeatOptions): Promise<FleetSeat> {
  const { store, workers, steering, rules, steered } = options;
  const node = store?.node ?? "";
  const own = createNodeDesk({ workers, steering, rules, node });
  const ownHolds = createNodeHoldDesk({ book: options.breakpoints, workers, rules, node });
  if (store === undefined)
    return {
      ...{ node, desk: () => own, holds: () => ownHolds, fleet: () => undefined },
      ...{ problem: () => undefined, nodes: () => 1, ways: undefined, start() {} },
      close: async () => {},
    };
  // What a gateway that is by itself need not load.
  const { createFleet } = await import("../fleet/fleet.ts");
  const { createFleetRollouts } = await import("../fleet/rollouts/fleet-rollouts.ts");
  let sessions = 0;
  let counting: NodeJS.Timeout | undefined;
  let isClosed = false;
  const digests = createConfigDigests();
  const ways = createFleetRollouts(store);
  const always = { node, host: hostname(), version: readVersion(), startedAt: Date.now() };
  const fleet: Fleet = createFleet({
    ...{ store, workers, steering, rules, steered, own, ownHolds },
    sessions: () => sessions,
    report: () => ({ ...options.describe(), ...always, ...digests(options.config()) }),
    onNews: (news) => logNews(options.logger, store, news),
  });

  /** A worker that hangs holds up its count, and not the word that this node is there. */
  async function count(): Promise<void> {
    sessions = await workers.openSessions();
    if (!isClosed) counting = setTimeout(count, COUNT_EVERY_MS).unref();
  }

  return {
    node,
    desk: (scope) => (scope === "fleet" ? fleet.desk : own),
    holds: (scope) => (scope === "fleet" ? fleet.holds : ownHolds),
    fleet: fleet.status,
    problem: fleet.problem,
    nodes: fleet.nodes,
    ways,
    start() {
      fleet.start();
      void count();
    },
    async close() {
      isClosed = true;
      clearTimeout(counting);
      await ways.close();
      await fleet.close();
    },
  };
}

function logNews(
  logger: Logger,
  { name: cluster, node }: Pick<FleetStore, "name" | "node">,
  news: FleetNews,
): void {
  switch (news.type) {
    case "joined":
      return logger.info({ cluster, node, nodes: news.nodes }, "this gateway is in the fleet");
    case "taken":
      return logger.error(
        { node, host: news.host },
        "another gateway of the fleet has this one's name, so this one is not in it; give each a `cluster.node` of its own",
      );
    case "free":
      return logger.info({ node }, "this gateway's name is its own again: it is in the fleet");
    case "fault":
      return logger.error(
        { question: news.question, problem: news.error.message },
        "a question of another gateway of the fleet could not be answered",
      );
  }
}
