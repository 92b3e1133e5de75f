import { dueTimes, type Pace, paceLength } from "./pace.ts";
import { dealShares } from "./shares.ts";
import type { SteeredWorker, SteeringOrder, SteeringOutcomes, SteeringProgress } from "./steering-order.ts";

/** A worker's part: how many it has left, and whether it has been told and has not answered yet. */
interface Part {
  readonly worker: SteeredWorker;
  left: number;
  pending: number;
  isAsked: boolean;
}

/** What is due within so long is dealt out together. */
const LEAST_WAIT_MS = 20;
/** So often it is looked at least, for sessions end by themselves, too. */
const LONGEST_WAIT_MS = 1000;
/** The same as long as there are renewals that have not been answered. */
const PENDING_WAIT_MS = 50;
/** What is due for longer than this was held up. */
const LATE_MS = 100;

/**
 * One job on its way. Permits fall due at its pace and are dealt out to the workers; what a worker does not use comes back.
 * One that does not answer holds up nobody: it is dealt no more until it has.
 */
export class SteeringRun {
  readonly #id: string;
  readonly #pace: Pace;
  readonly #ended = Promise.withResolvers<void>();
  #parts: readonly Part[] = [];
  #due: readonly number[] = [];
  #startedAt = 0;
  /** Permits that have been dealt out, and not come back unused. */
  #spent = 0;
  #done = 0;
  readonly #outcomes: Record<string, number> = {};
  readonly #unanswered = new Set<string>();
  #sessions = 0;
  #state: "running" | "done" | "stopped" = "running";
  #timer: NodeJS.Timeout | undefined;

  constructor(id: string, pace: Pace) {
    this.#id = id;
    this.#pace = pace;
  }

  get state(): "running" | "done" | "stopped" {
    return this.#state;
  }

  get sessions(): number {
    return this.#sessions;
  }

  get done(): number {
    return this.#done;
  }

  get left(): number {
    return this.#parts.reduce((sum, { left }) => sum + left, 0);
  }

  /** Of renewals. */
  get outcomes(): SteeringOutcomes {
    return { ...this.#outcomes };
  }

  /** Nodes that have no part in it, or none any more: they did not answer. */
  get unanswered(): readonly string[] {
    return [...this.#unanswered];
  }

  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  /** All of it falls due at once. */
  get isShort(): boolean {
    return paceLength(this.#sessions, this.#pace) === 0;
  }

  /** A worker that dies meanwhile has none. */
  async select(workers: readonly SteeredWorker[], order: SteeringOrder): Promise<void> {
    this.#parts = await Promise.all(
      workers.map(async (worker) => {
        const left = await worker.selectSessions(order).catch(() => {
          this.#miss(worker);
          return 0;
        });
        return { worker, left, pending: 0, isAsked: false };
      }),
    );
    this.#sessions = this.left;
  }

  begin(): void {
    this.#due = dueTimes(this.#sessions, this.#pace);
    this.#startedAt = performance.now();
    this.#look();
  }

  stop(): void {
    if (this.#state !== "running") return;
    for (const { worker, left } of this.#parts) if (left > 0) worker.forgetSessions(this.#id).catch(() => {});
    this.#end("stopped");
  }

  readonly #look = (): void => {
    clearTimeout(this.#timer);
    if (this.#state !== "running") return;
    if (this.#parts.every((part) => isOver(part) && !part.isAsked)) return this.#end("done");
    this.#forgive();
    const elapsedMs = performance.now() - this.#startedAt;
    let due = this.#spent;
    while ((this.#due[due] ?? Number.POSITIVE_INFINITY) <= elapsedMs) due++;
    this.#deal(due - this.#spent);
    this.#lookLater();
  };

  #lookLater(): void {
    clearTimeout(this.#timer);
    if (this.#state !== "running") return;
    const elapsedMs = performance.now() - this.#startedAt;
    const waitMs = Math.max(LEAST_WAIT_MS, (this.#due[this.#spent] ?? Number.POSITIVE_INFINITY) - elapsedMs);
    const isPending = this.#parts.some(({ pending }) => pending > 0);
    this.#timer = setTimeout(this.#look, Math.min(isPending ? PENDING_WAIT_MS : LONGEST_WAIT_MS, waitMs));
    // When all have left by themselves the process may end.
    this.#timer.unref();
  }

  /** What could not be dealt out when it was due is not caught up on: nothing is ever done faster than its pace. */
  #forgive(): void {
    const lateMs = performance.now() - this.#startedAt - (this.#due[this.#spent] ?? 0);
    if (!this.isShort && lateMs > LATE_MS) this.#startedAt += lateMs - LATE_MS;
  }

  /** None are dealt out too: the answer says how many are still there. */
  #deal(permits: number): void {
    const free = this.#parts.filter((part) => !isOver(part) && !part.isAsked);
    const shares = dealShares(
      permits,
      free.map(({ left }) => left),
    );
    for (const [index, part] of free.entries()) void this.#tell(part, shares[index] ?? 0);
  }

  async #tell(part: Part, count: number): Promise<void> {
    part.isAsked = true;
    this.#spent += count;
    const { done, left, pending, outcomes } = await part.worker.steerSessions(this.#id, count).catch(() => {
      this.#miss(part.worker);
      return GONE;
    });
    part.isAsked = false;
    Object.assign(part, { left, pending });
    for (const [outcome, more] of Object.entries(outcomes))
      this.#outcomes[outcome] = (this.#outcomes[outcome] ?? 0) + more;
    this.#spent -= count - done;
    this.#done += done;
    if (isOver(part)) this.#look();
    else this.#lookLater();
  }

  #miss({ node }: SteeredWorker): void {
    if (node !== undefined) this.#unanswered.add(node);
  }

  #end(state: "done" | "stopped"): void {
    this.#state = state;
    clearTimeout(this.#timer);
    this.#ended.resolve();
  }
}

/** Of a worker that has died its sessions are none any more. */
const GONE: SteeringProgress = { done: 0, left: 0, pending: 0, outcomes: {} };

function isOver({ left, pending }: Part): boolean {
  return left === 0 && pending === 0;
}
