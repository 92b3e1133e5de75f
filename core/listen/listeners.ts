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

/** Where the connections of a door go in at the moment. */
interface Way {
  plan: ListenerPlan;
  entrance: Entrance;
}

interface Open {
  readonly key: string;
  readonly door: Door;
  readonly way: Way;
}

export function createListeners(
  createEntrance: (plan: ListenerPlan) => Entrance,
  open: typeof openDoor = openDoor,
): Listeners {
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
      for (const { way } of closed) way.entrance.cutOff();
    },
  };

  async function carryOut(plans: readonly ListenerPlan[]): Promise<readonly ListenerAddress[]> {
    const before = new Map(current.map((listener) => [listener.key, listener]));
    const wanted = keysOf(plans);
    const opened = await openAll(plans, wanted, before);
    current = plans.map((plan, index) => {
      const kept = before.get(wanted[index]!);
      if (kept === undefined) return opened.get(wanted[index]!)!;
      replaceEntrance(kept.way, plan);
      return kept;
    });
    for (const [key, listener] of before) if (!wanted.includes(key)) shut(listener);
    return current.map(({ door, way }) => ({ ...door.address, tls: way.plan.tls !== undefined }));
  }

  async function openAll(
    plans: readonly ListenerPlan[],
    wanted: readonly string[],
    before: ReadonlyMap<string, Open>,
  ): Promise<Map<string, Open>> {
    const missing = plans
      .map((plan, index) => ({ plan, key: wanted[index]! }))
      .filter(({ key }) => !before.has(key));
    const results = await Promise.allSettled(missing.map(({ key, plan }) => build(key, plan)));
    const opened = results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
    const failure = results.find((result) => result.status === "rejected");
    if (failure !== undefined) {
      for (const listener of opened) shut(listener);
      throw failure.reason;
    }
    return new Map(opened.map((listener) => [listener.key, listener]));
  }

  /** The entrance first: connections may come in before the door is known to be open. */
  async function build(key: string, plan: ListenerPlan): Promise<Open> {
    const way: Way = { plan, entrance: createEntrance(plan) };
    try {
      const door = await open(plan.config, (socket) => way.entrance.take(socket));
      return { key, door, way };
    } catch (error) {
      way.entrance.close();
      throw error;
    }
  }

  function replaceEntrance(way: Way, plan: ListenerPlan): void {
    if (JSON.stringify(plan) === JSON.stringify(way.plan)) return;
    const old = way.entrance;
    way.entrance = createEntrance(plan);
    way.plan = plan;
    old.close();
  }

  function shut({ door, way }: Open): void {
    door.close();
    way.entrance.close();
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
