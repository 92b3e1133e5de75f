import type { GatewayView } from "../admin/gateway-view.ts";
import { createRouteSwitches, type RouteSwitches } from "../routes/route-switches.ts";
import { DrainSchedule } from "../steering/drain-schedule.ts";
import { SteeringJobs } from "../steering/steering-jobs.ts";
import type { SteeredWorker } from "../steering/steering-order.ts";
import { DrainBook } from "./drain-book.ts";

/** What operators have ordered while the gateway runs: it is in no config, and holds no longer than the gateway does. */
export interface OperatorOrders {
  /** What the console is handed. */
  readonly view: Pick<GatewayView, "switchRoute" | "drained" | "drain" | "drainSchedule" | "steering">;
  readonly switches: Pick<RouteSwitches, "apply">;
  /** What has not begun does not begin any more. */
  close(): void;
}

export interface OperatorOrdersOptions {
  /** Routes or drains are otherwise. Settles when all workers have it. */
  replan(): Promise<void>;
  /** Those that serve now. */
  workers(): readonly SteeredWorker[];
}

export function createOperatorOrders({ replan, workers }: OperatorOrdersOptions): OperatorOrders {
  const switches = createRouteSwitches();
  const drains = new DrainBook();
  const drainSchedule = new DrainSchedule();
  const steering = new SteeringJobs(workers);

  return {
    switches,
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
    },
    close() {
      drainSchedule.close();
      steering.close();
    },
  };
}
