import { createTally } from "../../../policies/reload/tally.ts";
import type { GatewayConfig } from "../../config/index.ts";
import { isShareable } from "../../listen/address-handle.ts";
import { findMaxConnections, readDescriptorLimit } from "../../listen/descriptors.ts";
import { openDoor } from "../../listen/door.ts";
import { createDoors } from "../../listen/doors.ts";
import { joinPlans } from "../../listen/listener-key.ts";
import type { ListenerAddress, ListenerPlan } from "../../listen/listener-plan.ts";
import { removeStaleSocket } from "../../listen/stale-socket.ts";
import { type Worker, WorkerGoneError } from "../worker.ts";
import { HandOver } from "./hand-over.ts";
import { SharedDoors } from "./shared-doors.ts";

/** Where a pool listens, and who of its workers is there for the connections. */
export interface PoolDoors {
  /** These are about to be opened: workers that come meanwhile are there for them. */
  expect(listeners: readonly ListenerPlan[]): void;
  /** The first ones. Rejects with the system's error when one cannot be had. */
  open(listeners: readonly ListenerPlan[]): Promise<readonly ListenerAddress[]>;
  /** These and no others. A failure leaves the listeners of all workers as they were. */
  change(listeners: readonly ListenerPlan[]): Promise<readonly ListenerAddress[]>;
  /** A worker that has what it needs to serve. */
  admit(worker: Worker): Promise<void>;
  /** It is no more. */
  dismiss(worker: Worker): void;
  close(): void;
}

export interface PoolDoorsOptions {
  readonly config: Pick<GatewayConfig, "workers" | "workerSilenceMs">;
  workers(): Iterable<Worker>;
  /** So many connections were closed because too many wait for workers that take none. */
  onOverflow(count: number): void;
}

/** Connections that no worker has taken yet. */
const maxWaiting = Math.min(512, findMaxConnections(readDescriptorLimit()));
const OVERFLOW_EVERY_MS = 1_000;
/** For how long a worker that does not take what it was handed is believed to be busy; a silent one is killed before. */
const MIN_PATIENCE_MS = 10_000;

export function createPoolDoors({ config, workers, onOverflow }: PoolDoorsOptions): PoolDoors {
  let listeners: readonly ListenerPlan[] = [];
  let addresses: readonly ListenerAddress[] = [];
  let isOpen = false;
  const patienceMs = Math.max(MIN_PATIENCE_MS, 2 * config.workerSilenceMs);
  const handOver = new HandOver({ maxWaiting, patienceMs }, createTally(OVERFLOW_EVERY_MS, onOverflow));
  const sharedDoors = new SharedDoors(patienceMs);
  const doors = createDoors((key, listener) =>
    // Of several workers, whoever is the quickest would accept most, and keep it for hours: they are handed theirs in turn.
    config.workers === 1 && isShareable(listener)
      ? sharedDoors.open(key, listener)
      : openDoor(listener, (socket) => handOver.take(key, socket), config.workers > 0),
  );

  return {
    expect(wanted) {
      listeners = wanted;
    },
    async open(wanted) {
      await openDoors(wanted);
      isOpen = true;
      for (const worker of workers()) handOver.join(worker);
      return addresses;
    },
    async change(wanted) {
      const before = listeners;
      // Workers are there for all of them before a door is opened, and until one is closed.
      listeners = joinPlans(wanted, before);
      try {
        await tellListeners();
        await openDoors(wanted);
      } catch (error) {
        listeners = before;
        await tellListeners().catch(() => {});
        throw error;
      }
      return addresses;
    },
    async admit(worker) {
      await worker.listen(listeners, addresses);
      await sharedDoors.admit(worker);
      if (isOpen) handOver.join(worker);
    },
    dismiss(worker) {
      sharedDoors.dismiss(worker);
      handOver.leave(worker);
    },
    close() {
      doors.close();
      handOver.close();
    },
  };

  async function openDoors(wanted: readonly ListenerPlan[]): Promise<void> {
    const open = new Set(addresses.map(({ socket }) => socket));
    await removeStaleSockets(wanted.filter(({ config }) => !open.has(config.socket)));
    addresses = await doors.apply(wanted);
    listeners = wanted;
    await tellListeners();
  }

  /** A worker that dies meanwhile is no failure: its successor starts with the new ones. */
  async function tellListeners(): Promise<void> {
    const told = [...workers()].map((worker) => worker.listen(listeners, addresses));
    for (const result of await Promise.allSettled(told)) {
      if (result.status === "rejected" && !(result.reason instanceof WorkerGoneError)) throw result.reason;
    }
  }
}

/** Here and not in a worker: of several, one would take away the file that another has just made. */
async function removeStaleSockets(listeners: readonly ListenerPlan[]): Promise<void> {
  for (const { config } of listeners) if (config.socket !== undefined) await removeStaleSocket(config.socket);
}
