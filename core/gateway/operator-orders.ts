import type { GatewayView } from "../admin/gateway-view.ts";
import { BreakpointBook } from "../breakpoints/breakpoint-book.ts";
import type { Logger } from "../log.ts";
import { createRouteSwitches, type RouteSwitches } from "../routes/route-switches.ts";
import { DrainSchedule } from "../steering/drain-schedule.ts";
import { SteeringJobs } from "../steering/steering-jobs.ts";
import type { SteeredWorker } from "../steering/steering-order.ts";
import type { SwitchCount } from "../traffic/switches/recording-switch.ts";
import { createRecordingSwitches } from "../traffic/switches/recording-switches.ts";
import { DrainBook } from "./drain-book.ts";

/** What operators have ordered while the gateway runs: it is in no config, and holds no longer than the gateway does. */
export interface OperatorOrders {
  /** What the console is handed. */
  readonly view: Pick<
    GatewayView,
    "switchRoute" | "drained" | "drain" | "drainSchedule" | "steering" | "recordings"
  >;
  /** Where they hold messages. */
  readonly breakpoints: BreakpointBook;
  readonly switches: Pick<RouteSwitches, "apply">;
  /** What has not begun does not begin any more. */
  close(): void;
}

export interface OperatorOrdersOptions {
  /** Routes or drains are otherwise. Settles when all workers have it. */
  replan(): Promise<void>;
  /** Those that serve now. */
  workers(): readonly SteeredWorker[];
  /** What switches of recording have brought, over all workers. */
  switchCounts(): Promise<readonly SwitchCount[]>;
  readonly logger: Logger;
}

export function createOperatorOrders(options: OperatorOrdersOptions): OperatorOrders {
  const { replan, workers, switchCounts: counts, logger } = options;
  const switches = createRouteSwitches();
  const drains = new DrainBook();
  const drainSchedule = new DrainSchedule();
  const steering = new SteeringJobs(workers);
  const recordings = createRecordingSwitches({ logger, replan, counts });
  const breakpoints = new BreakpointBook(replan);

  return {
    switches,
    breakpoints,
    view: {
      async switchRoute(name, isEnabled) {
        switches.set(name, isEnabled);
        await replan();
      },
      drained: () => drains.read(),
      async drain(place, isDrained) {
        drains.set(place, isDrained);
        await replan();
      },
      drainSchedule,
      steering,
      recordings,
    },
    close() {
      drainSchedule.close();
      recordings.close();
      steering.close();
      breakpoints.close();
    },
  };
}
