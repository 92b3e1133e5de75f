import { type RoutePlan, RouteRuntime } from "../routes/route-runtime.ts";
import { createRouter, type Router } from "../routes/router.ts";
import type { SessionBook } from "./session-book.ts";

/** The routes of one process: those that take connections, and those that have gone and still have some. */
export class RunningRoutes {
  readonly #book: Pick<SessionBook, "hasOpen">;
  readonly #current = new Map<string, RouteRuntime>();
  readonly #retired = new Map<string, RouteRuntime>();
  #router: Router<RouteRuntime> = createRouter([]);
  #policies: ReadonlySet<string> = new Set();

  constructor(book: Pick<SessionBook, "hasOpen">) {
    this.#book = book;
  }

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
      if (runtime.generation !== generation && this.#book.hasOpen(name)) outdated.push(runtime);
      return runtime;
    });
    for (const runtime of this.#current.values()) {
      // A route that has gone takes no new connections; its open ones keep the policies they have.
      const { name } = runtime;
      if (!next.includes(runtime) && this.#book.hasOpen(name)) this.#retired.set(name, runtime);
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
  leave(name: string): boolean {
    if (this.#book.hasOpen(name) || !this.#retired.delete(name)) return false;
    this.#policies = this.#findPolicies();
    return true;
  }

  /** The policies in any chain, of routes that have gone and still have connections too. */
  policies(): ReadonlySet<string> {
    return this.#policies;
  }

  #findPolicies(): ReadonlySet<string> {
    const chains = [...this.#current.values(), ...this.#retired.values()].flatMap(({ chain }) => chain);
    return new Set(chains.map(({ policy }) => policy));
  }

  /** A route that comes back finds its open sessions again: what its policies are now is also for them. */
  #takeRetired(name: string): RouteRuntime | undefined {
    const runtime = this.#retired.get(name);
    this.#retired.delete(name);
    return runtime;
  }
}
