import { type RoutePlan, RouteRuntime } from "../routes/route-runtime.ts";
import { createRouter, type Router } from "../routes/router.ts";

/** The routes of one process: those that take connections, and those that have gone and still have some. */
export class RunningRoutes {
  readonly #current = new Map<string, RouteRuntime>();
  readonly #retired = new Set<RouteRuntime>();
  #router: Router<RouteRuntime> = createRouter([]);
  #policies: ReadonlySet<string> = new Set();

  get router(): Router<RouteRuntime> {
    return this.#router;
  }

  /**
   * Take these, and no others, from now on.
   *
   * @param changed policies that are new
   * @returns those whose open connections began under other rules than there are now
   */
  swap(plans: readonly RoutePlan[], changed: ReadonlySet<string>): readonly RouteRuntime[] {
    const outdated: RouteRuntime[] = [];
    const next = plans.map((plan) => {
      const { name } = plan.config;
      const runtime = this.#current.get(name) ?? this.#takeRetired(name) ?? new RouteRuntime(plan);
      const { generation } = runtime;
      runtime.update(plan, changed);
      if (runtime.sessions > 0 && runtime.generation !== generation) outdated.push(runtime);
      return runtime;
    });
    for (const runtime of this.#current.values()) {
      // A route that has gone takes no new connections; its open ones keep the policies they have.
      if (!next.includes(runtime) && runtime.sessions > 0) this.#retired.add(runtime);
    }
    this.#current.clear();
    for (const runtime of next) this.#current.set(runtime.name, runtime);
    this.#router = createRouter(next);
    this.#policies = this.#findPolicies();
    return outdated;
  }

  isDisabled(name: string): boolean {
    return this.#current.get(name)?.config.enabled === false;
  }

  /** A connection of this route has ended. @returns whether the route is over with it */
  leave(runtime: RouteRuntime): boolean {
    runtime.sessions--;
    if (runtime.sessions > 0 || !this.#retired.delete(runtime)) return false;
    this.#policies = this.#findPolicies();
    return true;
  }

  /** The policies in any chain, of routes that have gone and still have connections too. */
  policies(): ReadonlySet<string> {
    return this.#policies;
  }

  #findPolicies(): ReadonlySet<string> {
    const chains = [...this.#current.values(), ...this.#retired].flatMap(({ chain }) => chain);
    return new Set(chains.map(({ policy }) => policy));
  }

  /** A route that comes back finds its open sessions again: what its policies are now is also for them. */
  #takeRetired(name: string): RouteRuntime | undefined {
    const runtime = [...this.#retired].find((each) => each.name === name);
    if (runtime !== undefined) this.#retired.delete(runtime);
    return runtime;
  }
}
