import type { Session } from "../session/session.ts";
import type { AcceptedUpgrade } from "../upgrade/accepted-upgrade.ts";
import type { BySide, LiveSession, RouteTraffic } from "./live-view.ts";

interface Entry {
  readonly session: Session;
  readonly accepted: Pick<AcceptedUpgrade, "context" | "extensions" | "client" | "server">;
  readonly startedAt: number;
  /** Messages when they were last counted, and since when there are so many. */
  messages: number;
  quietSince: number;
}

/** What there is to see of this process's sessions, for people. Asks the sessions when it is asked; they tell it nothing. */
export class SessionRegistry {
  readonly #entries = new Map<string, Entry>();
  readonly #ended = new Map<string, { messages: BySide; bytes: BySide }>();

  add(session: Session, accepted: Entry["accepted"]): void {
    const now = Date.now();
    this.#entries.set(session.id, { session, accepted, startedAt: now, messages: 0, quietSince: now });
  }

  remove(session: Session): void {
    this.#entries.delete(session.id);
    const before = this.#ended.get(session.route);
    const { messages, bytes } = session.traffic;
    this.#ended.set(
      session.route,
      before === undefined
        ? { messages, bytes }
        : { messages: sum(before.messages, messages), bytes: sum(before.bytes, bytes) },
    );
  }

  /**
   * Since the process started, ended sessions included; a route that has none open shows so. To be asked each second or
   * so: idle times are as exact as that.
   */
  traffic(): readonly RouteTraffic[] {
    const routes = new Map<string, RouteTraffic>();
    for (const [route, traffic] of this.#ended)
      routes.set(route, { route, sessions: 0, ...traffic, bufferedBytes: sum() });
    const now = Date.now();
    for (const entry of this.#entries.values()) {
      const { session } = entry;
      const { messages, bytes } = session.traffic;
      const count = messages.client + messages.server;
      if (count !== entry.messages) Object.assign(entry, { messages: count, quietSince: now });
      const route = routes.get(session.route);
      routes.set(session.route, {
        route: session.route,
        sessions: (route?.sessions ?? 0) + 1,
        messages: sum(route?.messages, messages),
        bytes: sum(route?.bytes, bytes),
        bufferedBytes: sum(route?.bufferedBytes, session.bufferedBytes),
      });
    }
    return [...routes.values()];
  }

  /** @param id only this one */
  list(id?: string): readonly LiveSession[] {
    const now = Date.now();
    if (id === undefined) return [...this.#entries.values()].map((entry) => describe(entry, now));
    const entry = this.#entries.get(id);
    return entry === undefined ? [] : [describe(entry, now)];
  }
}

function describe({ session, accepted, startedAt, messages, quietSince }: Entry, now: number): LiveSession {
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

function sum(a: BySide = { client: 0, server: 0 }, b: BySide = { client: 0, server: 0 }): BySide {
  return { client: a.client + b.client, server: a.server + b.server };
}
