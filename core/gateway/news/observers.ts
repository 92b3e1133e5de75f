import { createTally } from "../../../policies/reload/tally.ts";
import type { EmitEvent, GatewayEvent } from "../../events.ts";

/** While observers fail, this says so. */
const FAILED_EVERY_MS = 1000;

export interface ObserverFailure {
  readonly observer: string;
  readonly event: GatewayEvent["type"];
  readonly error: unknown;
  /** How many this is, with those before it that were not told. */
  readonly count: number;
}

/**
 * Tells each event to all who watch. Events come from workers, and in them is what came out of sandboxes: an observer that
 * breaks on one costs the others nothing, nor the supervisor.
 */
export function tellObservers(
  observers: Readonly<Record<string, EmitEvent>>,
  onFailure: (failure: ObserverFailure) => void,
  everyMs = FAILED_EVERY_MS,
): EmitEvent {
  const watching = Object.entries(observers);
  let last: Omit<ObserverFailure, "count">;
  const countFailure = createTally(everyMs, (count) => onFailure({ ...last, count }));

  return (event) => {
    for (const [observer, observe] of watching) {
      try {
        observe(event);
      } catch (error) {
        last = { observer, event: event.type, error };
        countFailure();
      }
    }
  };
}
