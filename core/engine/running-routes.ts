import type { CapPlaces } from "../leases/caps/places.ts";
import { type RoutePlan, RouteRuntime } from "../routes/route-runtime.ts";
import { createRouter, type Router } from "../routes/router.ts";
import type { SessionBook } from "./session-book.ts";

/** Those with open connections for which something is otherwise than it was. */
export interface RouteChanges {
  /** They began under other rules than there are now. */
  readonly outdated: readonly RouteRuntime[];
  readonly removed: readonly RouteRuntime[];
}

/** The routes of one process: those that take connections, and those that have gone and still have some. */
export class RunningRoutes {
  readonly #book: Pick<SessionBook, "hasOpen">;
  readonly #places: CapPlaces;
  readonly #current = new Map<string, RouteRuntime>();
  readonly #retired = new Map<string, RouteRuntime>();
  #router: Router<RouteRuntime> = createRouter([]);
  #policies: ReadonlySet<string> = new Set();
  #drained: ReadonlySet<string> = new Set();

  constructor(book: Pick<SessionBook, "hasOpen">, places: CapPlaces) {
    this.#book = book;
    this.#places = places;
  }

  get router(): Router<RouteRuntime> {
    return this.#router;
  }

  /** These take no new connections, from the next swap on. */
  drain(names: readonly string[] = []): void {
    this.#drained = new Set(names);
  }

  /**
   * Take these, and no others, from now on.
   *
   * @param changed policies that are new
   */
  swap(plans: readonly RoutePlan[], changed: ReadonlySet<string>): RouteChanges {
    const outdated: RouteRuntime[] = [];
    const removed: RouteRuntime[] = [];
    const next = plans.map((plan) => {
      const { name } = plan.config;
      const runtime =
        this.#current.get(name) ?? this.#takeRetired(name) ?? new RouteRuntime(plan, this.#places);
      const { generation } = runtime;
      runtime.update(plan, changed);
      runtime.isDrained = this.#drained.has(name);
      if (runtime.generation !== generation && this.#book.hasOpen(name)) outdated.push(runtime);
      return runtime;
    });
    for (const runtime of this.#current.values()) {
      if (next.includes(runtime) || !this.#book.hasOpen(runtime.name)) continue;
      // It takes no new connections; its open ones keep the policies they have, for as long as they are there.
      this.#retired.set(runtime.name, runtime);
      removed.push(runtime);
    }
    this.#current.clear();
    for (const runtime of next) this.#current.set(runtime.name, runtime);
    this.#router = createRouter(next);
    this.#policies = this.#findPolicies();
    return { outdated, removed };
  }

  /** Chains are to be looked at anew: hooks of a policy have changed. */
  refresh(): void {
    for (const runtime of [...this.#current.values(), ...this.#retired.values()]) runtime.epoch++;
  }

  /** A connection of this route has just begun; while its upgrade was on its way the route may have gone. */
  enter(runtime: RouteRuntime): void {
    if (this.#current.has(runtime.name) || this.#retired.has(runtime.name)) return;
    this.#retired.set(runtime.name, runtime);
    this.#policies = this.#findPolicies();
  }

  isRemoved(name: string): boolean {
    return !this.#current.has(name);
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
