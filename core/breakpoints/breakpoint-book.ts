import { randomBytes } from "node:crypto";
import { type Breakpoint, type BreakpointOrder, MOST_BREAKPOINTS } from "./breakpoint.ts";

export function orderBreakpoint(wish: Omit<BreakpointOrder, "id">): BreakpointOrder {
  return { ...wish, id: randomBytes(5).toString("hex") };
}

export function makeBreakpoint({ forMs, ...order }: BreakpointOrder): Breakpoint {
  const createdAt = Date.now();
  return { ...order, createdAt, expiresAt: createdAt + forMs };
}

/** The breakpoints of a gateway: in no config, until they are removed, their time is over or the gateway ends. */
export class BreakpointBook {
  readonly #replan: () => Promise<void>;
  readonly #set = new Map<string, { readonly breakpoint: Breakpoint; readonly timer: NodeJS.Timeout }>();

  /** @param replan they are otherwise; settles when all workers have them */
  constructor(replan: () => Promise<void>) {
    this.#replan = replan;
  }

  /** Settles when all workers have it; where they cannot be told it is not set. @returns false when there are as many as there may be */
  async set(order: BreakpointOrder): Promise<boolean> {
    const { id, forMs } = order;
    if (this.#set.size >= MOST_BREAKPOINTS && !this.#set.has(id)) return false;
    clearTimeout(this.#set.get(id)?.timer);
    const timer = setTimeout(() => this.#takeBack(id), forMs).unref();
    this.#set.set(id, { breakpoint: makeBreakpoint(order), timer });
    try {
      await this.#replan();
    } catch (error) {
      this.#takeBack(id);
      throw error;
    }
    return true;
  }

  #takeBack(id: string): void {
    // A worker that cannot be told is one that ends.
    void this.remove(id).catch(() => {});
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
