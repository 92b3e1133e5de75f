import { randomBytes } from "node:crypto";
import { type Breakpoint, MOST_BREAKPOINTS } from "./breakpoint.ts";

/** Which messages an operator wants held, and until when. */
export interface BreakpointWish extends Omit<Breakpoint, "id" | "createdAt" | "expiresAt"> {
  /** It is removed by itself after so long. */
  readonly forMs: number;
}

export function makeBreakpoint({ forMs, ...wish }: BreakpointWish): Breakpoint {
  const createdAt = Date.now();
  return { ...wish, id: randomBytes(5).toString("hex"), createdAt, expiresAt: createdAt + forMs };
}

/** The breakpoints of a gateway: in no config, until they are removed, their time is over or the gateway ends. */
export class BreakpointBook {
  readonly #replan: () => Promise<void>;
  readonly #set = new Map<string, { readonly breakpoint: Breakpoint; readonly timer: NodeJS.Timeout }>();

  /** @param replan they are otherwise; settles when all workers have them */
  constructor(replan: () => Promise<void>) {
    this.#replan = replan;
  }

  /** Settles when all workers have it. @returns false when there are as many as there may be */
  async set(breakpoint: Breakpoint): Promise<boolean> {
    const { id, expiresAt } = breakpoint;
    if (this.#set.size >= MOST_BREAKPOINTS && !this.#set.has(id)) return false;
    clearTimeout(this.#set.get(id)?.timer);
    const timer = setTimeout(() => {
      // A worker that cannot be told is one that ends.
      void this.remove(id).catch(() => {});
    }, expiresAt - Date.now()).unref();
    this.#set.set(id, { breakpoint, timer });
    await this.#replan();
    return true;
  }

  /** What is held there goes. Settles when all workers have it. @returns whether there was one */
  async remove(id: string): Promise<boolean> {
    clearTimeout(this.#set.get(id)?.timer);
    if (!this.#set.delete(id)) return false;
    await this.#replan();
    return true;
  }

  /** Oldest first. */
  read(): readonly Breakpoint[] {
    return [...this.#set.values()].map(({ breakpoint }) => breakpoint);
  }

  close(): void {
    for (const { timer } of this.#set.values()) clearTimeout(timer);
    this.#set.clear();
  }
}
