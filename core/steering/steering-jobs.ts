import { randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type { Pace } from "./pace.ts";
import type { SteeredWorker, SteeringOrder, SteeringOutcomes } from "./steering-order.ts";
import { SteeringRun } from "./steering-run.ts";

export interface SteeringWish extends Omit<SteeringOrder, "id"> {
  /** For people: what is done, and to whom. */
  readonly what: string;
  readonly pace: Pace;
}

/** How far it is. Plain data. */
export interface SteeringJob {
  readonly id: string;
  readonly what: string;
  readonly filter: SteeringOrder["filter"];
  readonly pace: Pace;
  readonly startedAt: number;
  readonly state: "running" | "done" | "stopped";
  /** How many fitted when it began. */
  readonly sessions: number;
  readonly done: number;
  readonly left: number;
  readonly outcomes: SteeringOutcomes;
  /** Nodes of the fleet that did not answer, and whose sessions it has left alone. */
  readonly unanswered: readonly string[];
}

/** Kept of those that are over, for whoever asks what became of them. */
const KEPT = 20;
/** A worker that hangs is not waited for longer: it does its part when it does not any more. */
const LONGEST_WAIT_MS = 5_000;

/** What is being done to open sessions of all workers, at the pace of each: the supervisor's side. */
export class SteeringJobs {
  readonly #workers: () => readonly SteeredWorker[];
  readonly #jobs = new Map<
    string,
    { readonly wish: SteeringWish; readonly run: SteeringRun; startedAt: number }
  >();

  constructor(workers: () => readonly SteeredWorker[]) {
    this.#workers = workers;
  }

  /**
   * Finds out who is meant, and begins. What has no pace is done when it settles.
   *
   * @param workers default: those of this gateway
   */
  async start(wish: SteeringWish, workers = this.#workers()): Promise<SteeringJob> {
    const id = randomBytes(4).toString("hex");
    const { filter, act, pace } = wish;
    const run = new SteeringRun(id, pace);
    this.#jobs.set(id, { wish, run, startedAt: Date.now() });
    await run.select(workers, { id, filter, act });
    run.begin();
    if (run.isShort) await Promise.race([run.ended, delay(LONGEST_WAIT_MS, undefined, { ref: false })]);
    this.#forgetOld();
    return this.#describe(id)!;
  }

  list(): readonly SteeringJob[] {
    return [...this.#jobs.keys()].flatMap((id) => this.#describe(id) ?? []);
  }

  /** Leave the rest alone. @returns false when there is no such job, or it is over */
  stop(id: string): boolean {
    const run = this.#jobs.get(id)?.run;
    if (run === undefined || run.state !== "running") return false;
    run.stop();
    return true;
  }

  /** Settles when nothing is left of it. */
  async ended(id: string): Promise<void> {
    await this.#jobs.get(id)?.run.ended;
  }

  /** The gateway has ended. */
  close(): void {
    for (const { run } of this.#jobs.values()) run.stop();
  }

  #describe(id: string): SteeringJob | undefined {
    const job = this.#jobs.get(id);
    if (job === undefined) return undefined;
    const { wish, run, startedAt } = job;
    const { state, sessions, done, left, outcomes, unanswered } = run;
    const { what, filter, pace } = wish;
    return { id, what, filter, pace, startedAt, state, sessions, done, left, outcomes, unanswered };
  }

  #forgetOld(): void {
    const over = [...this.#jobs].filter(([, { run }]) => run.state !== "running");
    for (const [id] of over.slice(0, -KEPT)) this.#jobs.delete(id);
  }
}
