import type { ListenerConfig } from "../config/index.ts";
import type { Door } from "./door.ts";
import { keysOf } from "./listener-key.ts";
import type { ListenerAddress, ListenerPlan } from "./listener-plan.ts";

/** The addresses of a gateway that are bound, whoever makes HTTP of the connections that come in by them. */
export interface Doors {
  /**
   * Open these and no others. What is new is opened before anything is closed, so that a failure leaves all as it was;
   * rejects with the system's error then. An address that stays is never closed.
   */
  apply(plans: readonly ListenerPlan[]): Promise<readonly ListenerAddress[]>;
  close(): void;
}

/** Rejects with the system's error. @param key which listener's door it is */
export type OpenDoor = (key: string, config: ListenerConfig) => Promise<Door>;

export function createDoors(open: OpenDoor): Doors {
  let current: ReadonlyMap<string, Door> = new Map();
  let isClosed = false;

  return {
    async apply(plans) {
      const keys = keysOf(plans);
      const opened = await openAll(plans, keys);
      const next = new Map([...current, ...opened].filter(([key]) => keys.includes(key)));
      for (const [key, door] of current) if (!next.has(key)) door.close();
      current = next;
      if (isClosed) close();
      return plans.map(({ tls }, index) => ({
        ...current.get(keys[index]!)!.address,
        tls: tls !== undefined,
      }));
    },
    close() {
      isClosed = true;
      close();
    },
  };

  function close(): void {
    for (const door of current.values()) door.close();
  }

  async function openAll(
    plans: readonly ListenerPlan[],
    keys: readonly string[],
  ): Promise<readonly (readonly [string, Door])[]> {
    const missing = plans
      .map(({ config }, index) => ({ config, key: keys[index]! }))
      .filter(({ key }) => !current.has(key));
    const results = await Promise.allSettled(
      missing.map(async ({ key, config }) => [key, await open(key, config)] as const),
    );
    const opened = results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
    const failure = results.find((result) => result.status === "rejected");
    if (failure === undefined) return opened;
    for (const [, door] of opened) door.close();
    throw failure.reason;
  }
}
