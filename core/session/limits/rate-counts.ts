import type { RateAction } from "../../config/index.ts";

/** How often a rate did something about what one side sends. */
export interface RateCount {
  readonly route: string;
  /** Who sent too much. */
  readonly origin: "client" | "server";
  readonly action: RateAction;
  readonly count: number;
}

/** What the rates of all sessions of a process have done since its start. */
export class RateCounts {
  readonly #counts = new Map<string, { count: number } & RateCount>();

  /** Counts one more. */
  counter(route: string, origin: "client" | "server", action: RateAction): () => void {
    const key = `${origin} ${action} ${route}`;
    return () => {
      const entry = this.#counts.get(key);
      if (entry !== undefined) entry.count++;
      else this.#counts.set(key, { route, origin, action, count: 1 });
    };
  }

  all(): readonly RateCount[] {
    return [...this.#counts.values()];
  }
}
