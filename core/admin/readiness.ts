import type { DrainPlace } from "../steering/drain-schedule.ts";
import { isDrainedNow } from "./api/drains/drain-orders.ts";
import { knownRoutes } from "./api/known-routes.ts";
import type { GatewayView } from "./gateway-view.ts";

/** What a load balancer is told. */
export interface Readiness {
  readonly status: 200 | 404 | 503;
  readonly detail: string;
}

/** @param route whether this one is; undefined: the gateway. What is about to be drained is not ready any more. */
export function readinessOf(
  view: Pick<GatewayView, "state" | "table" | "drained" | "drainSchedule">,
  route: string | undefined,
): Readiness {
  const state = view.state();
  if (state !== "ready") return { status: 503, detail: state };
  if (route !== undefined && !knownRoutes(view).includes(route))
    return { status: 404, detail: "no such route" };
  const places: readonly DrainPlace[] = [
    { kind: "gateway" },
    ...(route === undefined ? [] : [{ kind: "route", name: route } as const]),
  ];
  const isDraining = places.some((place) => isDrainedNow(view, place) || view.drainSchedule.has(place));
  return isDraining ? { status: 503, detail: "draining" } : { status: 200, detail: state };
}
