import { setImmediate as nextTurn } from "node:timers/promises";
import type { HostMessage } from "../wire/control.ts";
import type { ClientInstance } from "./policy/instance.ts";

type TimeSet = Extract<HostMessage, { readonly type: "time-set" }>;

/** What policies take for the time, in milliseconds since 1970. For tests: no config can make one. */
export interface TestClock {
  now(policy: string): number;
  /** What a policy's randomness is made of when it is loaded. Absent: it is truly random. */
  readonly loadSeed?: number;
  /** What it is made of from now on, where it was seeded at its load. Undefined: it goes on as it was. */
  seed?(policy: string): number | undefined;
  /**
   * @param tell Settles when the policy has the new time, and what was due by then has run; with how much it has asked for
   *   and not been told yet.
   */
  connect(tell: (policy: string) => Promise<number>): void;
}

export interface ConnectedClock {
  onTimeSet(set: Pick<TimeSet, "instance" | "asks">): void;
  onHostLost(): void;
}

export function connectTestClock(
  clock: TestClock,
  instances: () => Iterable<ClientInstance>,
): ConnectedClock {
  const waiting = new Map<number, ((asks: number) => void)[]>();

  clock.connect(async (policy) => {
    // Calls of this turn go first.
    await nextTurn();
    const told = [...instances()].filter(({ deployment }) => deployment.bundle.name === policy);
    const seed = clock.seed?.(policy);
    const time = { now: clock.now(policy), ...(seed !== undefined && { seed }) };
    const asks = await Promise.all(told.map((instance) => setTime(instance, time)));
    return asks.reduce((sum, each) => sum + each, 0);
  });

  function setTime(
    { id, host }: ClientInstance,
    time: { readonly now: number; readonly seed?: number },
  ): Promise<number> {
    return new Promise((resolve) => {
      waiting.set(id, [...(waiting.get(id) ?? []), resolve]);
      host?.send({ type: "set-time", instance: id, ...time });
    });
  }

  return {
    onTimeSet: ({ instance, asks }) => waiting.get(instance)?.shift()?.(asks),
    onHostLost() {
      for (const resolve of [...waiting.values()].flat()) resolve(0);
      waiting.clear();
    },
  };
}
