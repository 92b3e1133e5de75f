import type { EmitEvent, GatewayEvent } from "../events.ts";

/** Lines about observers that fail, at most one in so long: the next says how many there were. */
const QUIET_MS = 1000;

export interface ObserverFailure {
  readonly observer: string;
  readonly event: GatewayEvent["type"];
  readonly error: unknown;
  /** How many have failed since the last one that was told. */
  readonly untold: number;
}

/**
 * Tells each event to all who watch. Events come from workers, and in them is what came out of sandboxes: an observer that
 * breaks on one costs the others nothing, nor the supervisor.
 */
export function tellObservers(
  observers: Readonly<Record<string, EmitEvent>>,
  onFailure: (failure: ObserverFailure) => void,
  now: () => number = Date.now,
): EmitEvent {
  const watching = Object.entries(observers);
  let quietUntil = 0;
  let untold = 0;

  function fail(observer: string, event: GatewayEvent, error: unknown): void {
    if (now() < quietUntil) {
      untold++;
      return;
    }
    quietUntil = now() + QUIET_MS;
    onFailure({ observer, event: event.type, error, untold });
    untold = 0;
  }

  return (event) => {
    for (const [name, observe] of watching) {
      try {
        observe(event);
      } catch (error) {
        fail(name, event, error);
      }
    }
  };
}
