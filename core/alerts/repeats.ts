import { type Alert, type CountedAlert, isOfPolicy } from "./alert.ts";

export interface RepeatsOptions {
  /** For how long the same alert is not told again. */
  readonly everyMs: number;
  tell(counted: CountedAlert): void;
  /** So many different alerts have come that this one is told nobody. */
  onOverflow(): void;
  readonly now?: () => number;
}

interface Window {
  readonly isOfPolicy: boolean;
  waiting: CountedAlert | undefined;
  readonly timer: NodeJS.Timeout;
}

/** Different alerts that have come within `every`; of policies half of it. */
export const MAX_DIFFERENT = 1000;

/** The first of equal alerts is told at once; those after it are counted, and told together when their time is over. */
export class Repeats {
  readonly #options: RepeatsOptions;
  readonly #windows = new Map<string, Window>();
  #ofPolicies = 0;
  #isClosed = false;

  constructor(options: RepeatsOptions) {
    this.#options = options;
  }

  add(alert: Alert): void {
    if (this.#isClosed) return;
    const key = JSON.stringify([alert.event, alert.subject]);
    const time = (this.#options.now ?? Date.now)();
    const window = this.#windows.get(key);
    if (window !== undefined) {
      const { count, since } = window.waiting ?? { count: 0, since: time };
      window.waiting = { alert, count: count + 1, since, time };
      return;
    }
    if (!this.#hasRoom(alert)) return this.#options.onOverflow();
    this.#open(key, isOfPolicy(alert));
    this.#options.tell({ alert, count: 1, since: time, time });
  }

  /** What waits is told now, and nothing comes after it. */
  close(): void {
    this.#isClosed = true;
    for (const { timer, waiting } of this.#windows.values()) {
      clearTimeout(timer);
      if (waiting !== undefined) this.#options.tell(waiting);
    }
    this.#windows.clear();
  }

  #hasRoom(alert: Alert): boolean {
    if (this.#windows.size >= MAX_DIFFERENT) return false;
    return !isOfPolicy(alert) || this.#ofPolicies < MAX_DIFFERENT / 2;
  }

  #open(key: string, isOfPolicy: boolean): void {
    const timer = setTimeout(() => this.#end(key), this.#options.everyMs).unref();
    this.#windows.set(key, { isOfPolicy, waiting: undefined, timer });
    if (isOfPolicy) this.#ofPolicies++;
  }

  #end(key: string): void {
    const window = this.#windows.get(key);
    if (window === undefined) return;
    const { waiting, isOfPolicy } = window;
    this.#windows.delete(key);
    if (isOfPolicy) this.#ofPolicies--;
    if (waiting === undefined) return;
    this.#open(key, isOfPolicy);
    this.#options.tell(waiting);
  }
}
