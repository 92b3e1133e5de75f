import { type RouteTraffic, sumByRoute } from "../metrics/route-traffic.ts";
import type { Session } from "../session/session.ts";
import type { AcceptedUpgrade } from "../upgrade/accepted-upgrade.ts";
import type { LiveSession } from "./live-session.ts";

/** What the book is kept of. */
export type BookedSession = Pick<
  Session,
  "id" | "route" | "traffic" | "bufferedBytes" | "close" | "destroy" | "relieve"
>;

interface BookEntry {
  readonly session: BookedSession;
  readonly accepted: Pick<AcceptedUpgrade, "context" | "extensions" | "client" | "server">;
  readonly startedAt: number;
  /** Messages when they were last counted, and since when there are so many. */
  messages: number;
  quietSince: number;
}

const NONE = { client: 0, server: 0 };

/**
 * The one book of a process's sessions: those that are open, and by route what those that have ended carried. Asks the
 * sessions when it is asked; they tell it nothing.
 */
export class SessionBook {
  readonly #open = new Map<string, BookEntry>();
  readonly #ended = new Map<string, RouteTraffic>();
  readonly #waiting: (() => void)[] = [];

  add(session: BookedSession, accepted: BookEntry["accepted"]): void {
    const now = Date.now();
    this.#open.set(session.id, { session, accepted, startedAt: now, messages: 0, quietSince: now });
  }

  /** It has ended. */
  remove(session: BookedSession): void {
    if (!this.#open.delete(session.id)) return;
    const { route } = session;
    const before = this.#ended.get(route);
    const { messages, bytes } = session.traffic;
    const last = { route, sessions: 0, messages, bytes, bufferedBytes: NONE };
    for (const sum of sumByRoute(before === undefined ? [last] : [before, last])) this.#ended.set(route, sum);
    if (this.#open.size === 0) for (const resolve of this.#waiting.splice(0)) resolve();
  }

  /** Undefined: there is no such session, or it has ended. */
  find(id: string): BookedSession | undefined {
    return this.#open.get(id)?.session;
  }

  /** Those that are open; one that ends meanwhile may come no more. */
  *sessions(): Iterable<BookedSession> {
    for (const { session } of this.#open.values()) yield session;
  }

  /** Settles when none is open. */
  idle(): Promise<void> {
    if (this.#open.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /**
   * Since the process started, ended sessions included; a route that has none open shows so. To be asked each second or
   * so: idle times are as exact as that.
   */
  traffic(): readonly RouteTraffic[] {
    const now = Date.now();
    const open = [...this.#open.values()].map((entry): RouteTraffic => {
      const { route, traffic, bufferedBytes } = entry.session;
      const count = traffic.messages.client + traffic.messages.server;
      if (count !== entry.messages) Object.assign(entry, { messages: count, quietSince: now });
      return { route, sessions: 1, messages: traffic.messages, bytes: traffic.bytes, bufferedBytes };
    });
    return sumByRoute([...this.#ended.values(), ...open]);
  }

  /** For people. @param id only this one */
  list(id?: string): readonly LiveSession[] {
    const now = Date.now();
    if (id === undefined) return [...this.#open.values()].map((entry) => describe(entry, now));
    const entry = this.#open.get(id);
    return entry === undefined ? [] : [describe(entry, now)];
  }
}

function describe(
  { session, accepted, startedAt, messages, quietSince }: BookEntry,
  now: number,
): LiveSession {
  const { request, attributes, subprotocol } = accepted.context;
  const { traffic } = session;
  const isQuiet = traffic.messages.client + traffic.messages.server === messages;
  return {
    id: session.id,
    route: session.route,
    path: request.path,
    client: accepted.client.address,
    server: accepted.server.url,
    subprotocol,
    extensions: accepted.extensions.header ?? "",
    startedAt,
    ...traffic,
    bufferedBytes: session.bufferedBytes,
    idleMs: isQuiet ? Math.max(0, now - quietSince) : 0,
    attributes,
  };
}
