import { type ByHook, eachHook } from "../by-hook.ts";
import { HookCounts } from "./call-counts.ts";

/** Of more the later ones are counted together: a metric's label has few values. */
const MOST_ROUTES = 1000;

/** What became of a policy's calls, by route and hook. A seat holds on to its route's: counting looks nothing up. */
export class RouteCounts {
  readonly #routes = new Map<string, ByHook<HookCounts>>();

  of(route: string): ByHook<HookCounts> {
    const known = this.#routes.get(route);
    if (known !== undefined) return known;
    if (route !== "" && this.#routes.size >= MOST_ROUTES) return this.of("");
    const counts = eachHook(() => new HookCounts());
    this.#routes.set(route, counts);
    return counts;
  }

  all(): readonly (readonly [route: string, ByHook<HookCounts>])[] {
    return [...this.#routes];
  }

  /** Over all routes. */
  total(): ByHook<HookCounts> {
    const total = eachHook(() => new HookCounts());
    for (const counts of this.#routes.values()) {
      for (const [hook, sum] of total.entries()) sum.addAll(counts[hook]!);
    }
    return total;
  }
}
