import { setImmediate as nextTurn } from "node:timers/promises";
import type { ClientInstance } from "./policy/instance.ts";

/** What policies take for the time, in milliseconds since 1970. For tests: no config can make one. */
export interface TestClock {
  now(policy: string): number;
  /** @param tell Settles when the policy has the new time, and what was due by then has run. */
  connect(tell: (policy: string) => Promise<void>): void;
}

export interface ConnectedClock {
  onTimeSet(instance: number): void;
  onHostLost(): void;
}

export function connectTestClock(
  clock: TestClock,
  instances: () => Iterable<ClientInstance>,
): ConnectedClock {
  const waiting = new Map<number, (() => void)[]>();

  clock.connect(async (policy) => {
    // Calls of this turn go first.
    await nextTurn();
    const told = [...instances()].filter(({ deployment }) => deployment.bundle.name === policy);
    await Promise.all(told.map((instance) => setTime(instance, clock.now(policy))));
  });

  function setTime({ id, host }: ClientInstance, now: number): Promise<void> {
    return new Promise((resolve) => {
      waiting.set(id, [...(waiting.get(id) ?? []), resolve]);
      host?.send({ type: "set-time", instance: id, now });
    });
  }

  return {
    onTimeSet: (instance) => waiting.get(instance)?.shift()?.(),
    onHostLost() {
      for (const resolve of [...waiting.values()].flat()) resolve();
      waiting.clear();
    },
  };
}
