import { dealShares } from "../steering/shares.ts";
import type {
  SteeredWorker,
  SteeringOrder,
  SteeringOutcomes,
  SteeringProgress,
} from "../steering/steering-order.ts";

interface Part {
  readonly worker: SteeredWorker;
  left: number;
}

interface Order {
  parts: readonly Part[];
  readonly forget: () => void;
  readonly timer: NodeJS.Timeout;
}

/** Whoever deals out a job asks each second: one that is not heard of for so long is gone. */
const FORGOTTEN_AFTER_MS = 60_000;
const MOST_ORDERS = 1_000;

/** All workers of this node as one, for a job that another node deals out. */
export class SteeredGroup implements SteeredWorker {
  readonly #workers: () => readonly SteeredWorker[];
  readonly #orders = new Map<string, Order>();

  constructor(workers: () => readonly SteeredWorker[]) {
    this.#workers = workers;
  }

  async selectSessions(order: SteeringOrder): Promise<number> {
    if (this.#orders.size >= MOST_ORDERS) throw new Error("too many jobs of other nodes are under way");
    const parts = await Promise.all(
      this.#workers().map(async (worker) => ({
        worker,
        left: await worker.selectSessions(order).catch(() => 0),
      })),
    );
    const count = parts.reduce((sum, { left }) => sum + left, 0);
    if (count > 0) this.#keep(order.id, parts);
    return count;
  }

  async steerSessions(id: string, count: number): Promise<SteeringProgress> {
    const order = this.#orders.get(id);
    if (order === undefined) return NOTHING_LEFT;
    order.timer.refresh();
    const shares = dealShares(
      count,
      order.parts.map(({ left }) => left),
    );
    const all = await Promise.all(
      order.parts.map(async (part, index) => {
        const progress = await part.worker.steerSessions(id, shares[index] ?? 0).catch(() => NOTHING_LEFT);
        part.left = progress.left;
        return progress;
      }),
    );
    const progress = all.reduce(addProgress, NOTHING_LEFT);
    if (progress.left === 0 && progress.pending === 0) this.#drop(id);
    return progress;
  }

  async forgetSessions(id: string): Promise<void> {
    this.#orders.get(id)?.forget();
  }

  close(): void {
    for (const id of [...this.#orders.keys()]) this.#drop(id);
  }

  #keep(id: string, parts: readonly Part[]): void {
    const forget = () => {
      this.#drop(id);
      for (const { worker } of parts) worker.forgetSessions(id).catch(() => {});
    };
    this.#drop(id);
    this.#orders.set(id, { parts, forget, timer: setTimeout(forget, FORGOTTEN_AFTER_MS).unref() });
  }

  #drop(id: string): void {
    clearTimeout(this.#orders.get(id)?.timer);
    this.#orders.delete(id);
  }
}

const NOTHING_LEFT: SteeringProgress = { done: 0, left: 0, pending: 0, outcomes: {} };

function addProgress(a: SteeringProgress, b: SteeringProgress): SteeringProgress {
  return {
    done: a.done + b.done,
    left: a.left + b.left,
    pending: a.pending + b.pending,
    outcomes: addOutcomes(a.outcomes, b.outcomes),
  };
}

function addOutcomes(a: SteeringOutcomes, b: SteeringOutcomes): SteeringOutcomes {
  const sum: Record<string, number> = { ...a };
  for (const [outcome, count] of Object.entries(b)) sum[outcome] = (sum[outcome] ?? 0) + count;
  return sum;
}
