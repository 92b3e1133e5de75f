import type { Socket } from "node:net";
import { type Door, openDoor } from "./door.ts";
import type { ListenerAddress, ListenerPlan } from "./listener-plan.ts";

/** What makes HTTP of the connections that come in by a door. */
export interface Entrance {
  take(socket: Socket): void;
  /** Connections that wait for a request are closed; all others go on. */
  close(): void;
  /** Cut off what is still in the middle of a request: a closed server does not enforce the time for it any more. */
  cutOff(): void;
}

export interface Listeners {
  /**
   * Listen on these addresses and no others. What is new is opened before anything else changes, so that a failure
   * leaves all as it was; rejects with the system's error then. An address that stays is never closed: its new
   * connections get the new settings.
   */
  apply(plans: readonly ListenerPlan[]): Promise<readonly ListenerAddress[]>;
  close(): void;
  /** After `close`: cut off what is still in the middle of a request. */
  cutOff(): void;
}

interface Open {
  readonly key: string;
  readonly door: Door;
  plan: ListenerPlan;
  entrance: Entrance;
}

export function createListeners(createEntrance: (plan: ListenerPlan) => Entrance): Listeners {
  let current: readonly Open[] = [];
  let closed: readonly Open[] = [];
  let last: Promise<unknown> = Promise.resolve();

  return {
    apply(plans) {
      const applied = last.then(() => carryOut(plans));
      last = applied.catch(() => {});
      return applied;
    },
    close() {
      for (const listener of current) shut(listener);
      closed = current;
      current = [];
    },
    cutOff() {
      for (const { entrance } of closed) entrance.cutOff();
    },
  };

  async function carryOut(plans: readonly ListenerPlan[]): Promise<readonly ListenerAddress[]> {
    const before = new Map(current.map((listener) => [listener.key, listener]));
    const wanted = keysOf(plans);
    const opened = await openAll(plans, wanted, before);
    current = plans.map((plan, index) => {
      const kept = before.get(wanted[index]!);
      if (kept === undefined) return opened.get(wanted[index]!)!;
      replaceEntrance(kept, plan);
      return kept;
    });
    for (const [key, listener] of before) if (!wanted.includes(key)) shut(listener);
    return current.map(({ door, plan }) => ({ ...door.address, tls: plan.tls !== undefined }));
  }

  async function openAll(
    plans: readonly ListenerPlan[],
    wanted: readonly string[],
    before: ReadonlyMap<string, Open>,
  ): Promise<Map<string, Open>> {
    const missing = plans
      .map((plan, index) => ({ plan, key: wanted[index]! }))
      .filter(({ key }) => !before.has(key));
    const results = await Promise.allSettled(missing.map(({ key, plan }) => open(key, plan)));
    const opened = results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
    const failure = results.find((result) => result.status === "rejected");
    if (failure !== undefined) {
      for (const listener of opened) shut(listener);
      throw failure.reason;
    }
    return new Map(opened.map((listener) => [listener.key, listener]));
  }

  async function open(key: string, plan: ListenerPlan): Promise<Open> {
    const entrance = createEntrance(plan);
    // Through the variable: by the time a connection comes, the entrance may be another.
    const door = await openDoor(plan.config, (socket) => listener.entrance.take(socket)).catch((error) => {
      entrance.close();
      throw error;
    });
    const listener: Open = { key, door, plan, entrance };
    return listener;
  }

  function replaceEntrance(listener: Open, plan: ListenerPlan): void {
    if (JSON.stringify(plan) === JSON.stringify(listener.plan)) return;
    const old = listener.entrance;
    listener.entrance = createEntrance(plan);
    listener.plan = plan;
    old.close();
  }

  function shut({ door, entrance }: Open): void {
    door.close();
    entrance.close();
  }
}

/** The address of each; with a number where several let the system choose their port. */
function keysOf(plans: readonly ListenerPlan[]): string[] {
  const seen = new Map<string, number>();
  return plans.map(({ config: { host, port, socket } }) => {
    const address = socket ?? `${host} ${port}`;
    const count = seen.get(address) ?? 0;
    seen.set(address, count + 1);
    return `${address} ${count}`;
  });
}
