import type { DrainConfig } from "../config/index.ts";
import type { Deadlines } from "../session/limits/deadlines.ts";
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
  announce(code: DrainConfig["code"]): Dismissal {
    this.#goodbye = drainDismissal(code);
    return this.#goodbye;
  }

  /** Say goodbye to all, the first now and the rest at even distances; cut off those that are left in the end. */
  async drain({ code, spreadMs, timeoutMs }: DrainConfig): Promise<void> {
    const goodbye = this.announce(code);
    const open = [...this.#book.sessions()];
    if (open.length === 0) return;
    const said = spreadOver(open, spreadMs, (session) => this.#dismiss(session, goodbye));
    void said.then(() => timeoutMs > 0 && setTimeout(() => this.#cutOff(), timeoutMs).unref());
    await this.#book.idle();
  }

  #dismiss(session: BookedSession, { status, grounds, withinMs }: Dismissal): void {
    const close = (): void => {
      // The route may have come back meanwhile, and has its sessions again.
      if (grounds.cause === "route-removed" && !this.#isRemoved(session.route)) return;
      if (this.#book.find(session.id) !== undefined) session.close(status, grounds);
    };
    if (withinMs === undefined) close();
    else this.#deadlines.after(Math.random() * withinMs, close);
  }

  #cutOff(): void {
    for (const session of this.#book.sessions()) session.destroy();
  }
}
