import type { ReachPhases } from "../../upstream/reach-phases.ts";

export type PhaseName = "admit" | "queue" | "dial" | "request" | "server" | "answer";

/** A part of the time that a request took, in milliseconds since it had come. */
export interface NotedPhase {
  readonly phase: PhaseName;
  readonly afterMs: number;
  readonly durationMs: number;
  /** Of a `dial`: host and port. */
  readonly server?: string;
  /** Of a `dial`: a connection of an earlier request was used. */
  readonly isKept?: true;
  /** What ended it, where that was no success. */
  readonly problem?: string;
}

type Open = Pick<NotedPhase, "phase" | "afterMs" | "server" | "isKept">;

/** Takes down where the time of one request goes, from `admit` on, a phase after the other. */
export class PhaseLog implements ReachPhases {
  readonly #exchange: { readonly elapsedMs: number };
  readonly #phases: NotedPhase[] = [];
  #open: Open | undefined = { phase: "admit", afterMs: 0 };

  constructor(exchange: { readonly elapsedMs: number }) {
    this.#exchange = exchange;
  }

  enter(phase: PhaseName, about: Pick<NotedPhase, "server"> = {}): void {
    const now = this.#exchange.elapsedMs;
    this.#close(now);
    this.#open = { phase, afterMs: now, ...about };
  }

  keep(): void {
    if (this.#open !== undefined) this.#open = { ...this.#open, isKept: true };
  }

  /** What comes next is none of these, or is not known yet. */
  end(): void {
    this.#close(this.#exchange.elapsedMs);
  }

  fail(problem: string): void {
    this.#close(this.#exchange.elapsedMs, problem);
  }

  /** All of them, once it is over. */
  finish(): readonly NotedPhase[] {
    this.end();
    return this.#phases;
  }

  #close(now: number, problem?: string): void {
    const open = this.#open;
    this.#open = undefined;
    if (open === undefined || this.#phases.length >= MOST_PHASES) return;
    const durationMs = now - open.afterMs;
    this.#phases.push({ ...open, durationMs, ...(problem !== undefined && { problem }) });
  }
}

/** Three for each attempt at a server, of which there may be many. */
const MOST_PHASES = 64;
