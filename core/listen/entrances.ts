import type { Socket } from "node:net";
import { createTally } from "../../policies/reload/tally.ts";
import type { EmitEvent } from "../events.ts";
import { whenThere } from "../leases/caps/soon.ts";
import { formatAddress } from "../net/address.ts";
import { keysOf } from "./listener-key.ts";
import type { ListenerPlan } from "./listener-plan.ts";
import type { Room } from "./room.ts";

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

export interface EntrancesOptions {
  createEntrance(plan: ListenerPlan): Entrance;
  readonly room: Room;
  readonly emit: EmitEvent;
}

/** While there is no room, this says so. */
const NO_ROOM_EVERY_MS = 1_000;

export function createEntrances({ createEntrance, room, emit }: EntrancesOptions): Entrances {
  let current: ReadonlyMap<string, Standing> = new Map();
  let last = { client: "", listener: "", detail: "" };
  const countTurnedAway = createTally(NO_ROOM_EVERY_MS, (count) => {
    const { client, listener, detail } = last;
    emit({ type: "connection-refused", client, listener, code: "ERR_NO_ROOM", detail, count });
  });

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
      if (!current.has(key)) return void socket.destroy();
      void whenThere(room.enter(socket), (full) => letIn(key, socket, full));
    },
    close() {
      for (const { entrance } of current.values()) entrance.close();
    },
    cutOff() {
      for (const { entrance } of current.values()) entrance.cutOff();
    },
  };

  /** @param full why not */
  function letIn(key: string, socket: Socket, full: string | undefined): void {
    // It may have gone, and so may the listener, while there was somebody to be asked.
    const standing = current.get(key);
    if (standing === undefined || socket.destroyed) return void socket.destroy();
    if (full === undefined) return standing.entrance.take(socket);
    const { config, tls } = standing.plan;
    last = { client: formatPeer(socket), listener: formatAddress(config), detail: full };
    room.turnAway(socket, tls !== undefined);
    countTurnedAway();
  }
}

function formatPeer({ remoteAddress = "", remotePort = 0 }: Socket): string {
  return `${remoteAddress}:${remotePort}`;
}
