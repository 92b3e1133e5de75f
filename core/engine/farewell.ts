import type { Goodbye, WorkerDrain } from "../config/index.ts";
import type { Deadlines } from "../session/limits/deadlines.ts";
import { hintReconnect } from "../steering/reconnect-hint.ts";
import { type Dismissal, drainDismissal, findDismissal, type RouteStanding } from "./dismissal.ts";
import type { BookedSession, SessionBook } from "./session-book.ts";
import { spreadOver } from "./spread.ts";

/** Ends sessions on the gateway's own account: those whose route has changed, and all of them when the process stops. */
export class Farewell {
  readonly #book: SessionBook;
  readonly #deadlines: Pick<Deadlines, "after">;
  readonly #isRemoved: (route: string) => boolean;
  #goodbye: Dismissal | undefined;

  constructor(book: SessionBook, deadlines: Pick<Deadlines, "after">, isRemoved: (route: string) => boolean) {
    this.#book = book;
    this.#deadlines = deadlines;
    this.#isRemoved = isRemoved;
  }

  get isAnnounced(): boolean {
    return this.#goodbye !== undefined;
  }

  /** The session has just begun; its route may have changed while its upgrade was on its way. */
  greet(session: BookedSession, route: RouteStanding): void {
    if (this.#goodbye === undefined) this.review(session, route);
    else this.#dismiss(session, this.#goodbye);
  }

  /** The session's route stands otherwise than before. */
  review(session: BookedSession, route: RouteStanding): void {
    const dismissal = findDismissal(route);
    if (dismissal !== undefined) this.#dismiss(session, dismissal);
  }

  /** From now on a session ends as soon as it has begun. */
  announce(drain: Goodbye): Dismissal {
    this.#goodbye = drainDismissal(drain);
    return this.#goodbye;
  }

  /** Say goodbye to all, the first now and the rest at even distances; cut off those that are left in the end. */
  async drain(drain: WorkerDrain): Promise<void> {
    const { spreadMs, jitter = 0, timeoutMs } = drain;
    const goodbye = this.announce(drain);
    const open = [...this.#book.sessions()];
    if (open.length === 0) return;
    const pace = { overMs: spreadMs, perSecond: 0, jitter };
    const said = spreadOver(open, pace, (session) => this.#dismiss(session, goodbye));
    void said.then(() => timeoutMs > 0 && setTimeout(() => this.#cutOff(), timeoutMs).unref());
    await this.#book.idle();
  }

  // Of the session nothing is held on to until then but its id: it may be over long before.
  #dismiss({ id }: BookedSession, dismissal: Dismissal): void {
    const { status, grounds, afterMs = 0, withinMs, reconnectMs = 0 } = dismissal;
    const close = (): void => {
      const session = this.#book.find(id);
      // The route may have come back meanwhile, and has its sessions again.
      if (session === undefined || (grounds.cause === "route-removed" && !this.#isRemoved(session.route)))
        return;
      session.close(hintReconnect(status, reconnectMs), grounds);
    };
    if (withinMs === undefined) close();
    else this.#deadlines.after(afterMs + Math.random() * withinMs, close);
  }

  #cutOff(): void {
    for (const session of this.#book.sessions()) session.destroy();
  }
}
