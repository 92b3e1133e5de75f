import type { RoutePlan } from "./route-runtime.ts";

/**
 * Routes that an operator has switched on or off. A switch holds until whoever says what the route is, the config or a
 * policy, says another `enabled` than when it was set, or says nothing of the route any more.
 */
export interface RouteSwitches {
  set(name: string, isEnabled: boolean): void;
  /** The routes as they are switched. Forgets switches that hold no longer. */
  apply(routes: readonly RoutePlan[]): readonly RoutePlan[];
}

export function createRouteSwitches(): RouteSwitches {
  /** What the config says, as of the last `apply`. */
  let configured = new Map<string, boolean>();
  const switches = new Map<string, boolean>();

  return {
    set(name, isEnabled) {
      if (configured.get(name) === isEnabled) switches.delete(name);
      else switches.set(name, isEnabled);
    },
    apply(routes) {
      const newest = new Map(routes.map(({ config }) => [config.name, config.enabled]));
      for (const name of switches.keys()) {
        if (newest.get(name) !== configured.get(name)) switches.delete(name);
      }
      configured = newest;
      return routes.map((plan) => {
        const enabled = switches.get(plan.config.name);
        return enabled === undefined ? plan : { ...plan, config: { ...plan.config, enabled } };
      });
    },
  };
}
