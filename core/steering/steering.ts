import { hintReconnect } from "./reconnect-hint.ts";
import { compileSessionFilter, type FilteredSession } from "./session-filter.ts";
import type { SteeringAct, SteeringOrder, SteeringProgress } from "./steering-order.ts";

/** A session as far as it can be steered. */
export interface SteeredSession extends FilteredSession {
  /** Send the client a text message, behind what is on its way to it. */
  tell(text: string): void;
  /** @returns what came of it */
  renew(): Promise<string>;
  close: (status: NonNullable<SteeringAct["close"]>, grounds: SteeringAct["grounds"]) => void;
}

/** The open sessions of a process. */
export interface SteeredSessions {
  steered(): Iterable<SteeredSession>;
  findSteered(id: string): SteeredSession | undefined;
}

/**
 * One worker's part in what is done to sessions: it holds those that fitted when the order came, and does it to as many as
 * it is told to. Whoever has told it knows the pace of all workers together.
 */
export class Steering {
  readonly #sessions: SteeredSessions;
  readonly #orders = new Map<string, Order>();

  constructor(sessions: SteeredSessions) {
    this.#sessions = sessions;
  }

  /** Nothing is done yet. @returns how many fit */
  select({ id, filter, act }: SteeringOrder): number {
    const fits = compileSessionFilter(filter);
    const left = new Set<string>();
    for (const session of this.#sessions.steered()) if (fits(session)) left.add(session.id);
    if (left.size > 0) this.#orders.set(id, { act, left, pending: 0, outcomes: {} });
    return left.size;
  }

  /** Do it to so many more of them. Those that have ended by themselves do not count. */
  steer(id: string, count: number): SteeringProgress {
    const order = this.#orders.get(id);
    if (order === undefined) return NOTHING_LEFT;
    let done = 0;
    for (const each of order.left) {
      const session = this.#sessions.findSteered(each);
      if (session !== undefined && done === count) break;
      order.left.delete(each);
      if (session === undefined) continue;
      done++;
      carryOut(order, session);
    }
    const { left, pending, outcomes } = order;
    order.outcomes = {};
    if (left.size === 0 && pending === 0) this.#orders.delete(id);
    return { done, left: left.size, pending, outcomes };
  }

  /** The rest of them are left alone. */
  forget(id: string): void {
    this.#orders.delete(id);
  }
}

interface Order {
  readonly act: SteeringAct;
  readonly left: Set<string>;
  pending: number;
  outcomes: Record<string, number>;
}

const NOTHING_LEFT: SteeringProgress = { done: 0, left: 0, pending: 0, outcomes: {} };

function carryOut(order: Order, session: SteeredSession): void {
  const { message, close, reconnectMs = 0, renew, grounds } = order.act;
  if (renew) void renewOne(order, session);
  if (message !== undefined) session.tell(message);
  if (close !== undefined) session.close(hintReconnect(close, reconnectMs), grounds);
}

async function renewOne(order: Order, session: SteeredSession): Promise<void> {
  order.pending++;
  const outcome = await session.renew();
  order.pending--;
  order.outcomes[outcome] = (order.outcomes[outcome] ?? 0) + 1;
}
