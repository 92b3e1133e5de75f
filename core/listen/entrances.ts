import type { Socket } from "node:net";
import { keysOf } from "./listener-key.ts";
import type { ListenerPlan } from "./listener-plan.ts";

/** What makes HTTP of the connections that come in by a door. */
export interface Entrance {
  take(socket: Socket): void;
  /** Connections that wait for a request are closed; all others go on. */
  close(): void;
  /** Cut off what is still in the middle of a request: a closed server does not enforce the time for it any more. */
  cutOff(): void;
}

/** The entrances of one process, one a door. */
export interface Entrances {
  /** Have these and no others. One whose settings change is replaced whole: those who are in stay with the old. */
  apply(plans: readonly ListenerPlan[]): void;
  /** A connection of the listener with this key; of one that has gone it is closed. */
  take(key: string, socket: Socket): void;
  close(): void;
  /** After `close`: cut off what is still in the middle of a request. */
  cutOff(): void;
}

interface Standing {
  readonly plan: ListenerPlan;
  readonly entrance: Entrance;
}

export function createEntrances(createEntrance: (plan: ListenerPlan) => Entrance): Entrances {
  let current: ReadonlyMap<string, Standing> = new Map();

  return {
    apply(plans) {
      const keys = keysOf(plans);
      const before = current;
      current = new Map(
        plans.map((plan, index) => {
          const key = keys[index]!;
          const old = before.get(key);
          const isSame = old !== undefined && JSON.stringify(old.plan) === JSON.stringify(plan);
          return [key, isSame ? old : { plan, entrance: createEntrance(plan) }];
        }),
      );
      for (const [key, old] of before) if (current.get(key) !== old) old.entrance.close();
    },
    take(key, socket) {
      const standing = current.get(key);
      if (standing === undefined) socket.destroy();
      else standing.entrance.take(socket);
    },
    close() {
      for (const { entrance } of current.values()) entrance.close();
    },
    cutOff() {
      for (const { entrance } of current.values()) entrance.cutOff();
    },
  };
}
