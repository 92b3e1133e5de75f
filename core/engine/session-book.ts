import type { ConnectionContext } from "../../sandbox/contract.ts";
import type { SessionEnd, SessionEndEvent } from "../events.ts";
import { type RouteTraffic, sumByRoute, sumTraffic, type TrafficSum } from "../metrics/route-traffic.ts";
import type { Session } from "../session/session.ts";
import type { AcceptedUpgrade } from "../upgrade/accepted-upgrade.ts";
import type { LiveSession } from "./live-session.ts";

/** What the book is kept of. */
export type BookedSession = Pick<
  Session,
  "id" | "route" | "traffic" | "bufferedBytes" | "close" | "destroy" | "relieve" | "renew" | "review"
>;

/** An upgrade as far as the book knows of it. */
export interface BookedUpgrade {
  readonly context: Pick<ConnectionContext, "request" | "attributes" | "subprotocol">;
  readonly extensions: Pick<AcceptedUpgrade["extensions"], "header">;
  readonly client: Pick<AcceptedUpgrade["client"], "address">;
  readonly server: Pick<AcceptedUpgrade["server"], "url">;
}

/** Nothing of the upgrade is kept that nobody asks for: most sessions are idle, and all of them have one. */
interface BookEntry extends Pick<LiveSession, "path" | "client" | "server" | "subprotocol" | "extensions"> {
  readonly session: BookedSession;
  attributes: LiveSession["attributes"];
  readonly startedAt: number;
  /** Messages when they were last counted, and since when there are so many: on a clock that cannot be set. */
  messages: number;
  quietSince: number;
}

const NONE = { client: 0, server: 0 };
const NOTHING: TrafficSum = { sessions: 0, messages: NONE, bytes: NONE, bufferedBytes: NONE };

/**
 * The one book of a process's sessions: those that are open, and by route how many there are and what those that have
 * ended carried. What is said of an end, to whoever it may be, is what the book says of it. Of open sessions it asks when
 * it is asked; they tell it nothing.
 */
export class SessionBook {
  readonly #open = new Map<string, BookEntry>();
  /** By route: the count of the open ones, and the messages of those that have ended. */
  readonly #routes = new Map<string, RouteTraffic>();
  readonly #waiting: (() => void)[] = [];
  readonly #now: () => number;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  add(session: BookedSession, { context, extensions, client, server }: BookedUpgrade): void {
    this.#open.set(session.id, {
      session,
      path: context.request.path,
      client: client.address,
      server: server.url,
      subprotocol: context.subprotocol,
      extensions: extensions.header ?? "",
      attributes: context.attributes,
      startedAt: Date.now(),
      messages: 0,
      quietSince: this.#now(),
    });
    this.#sum(session.route, { ...NOTHING, sessions: 1 });
  }

  /** What there is to say of it. Undefined: there is no such session, or it has ended. */
  end(id: string, end: SessionEnd): SessionEndEvent | undefined {
    const entry = this.#open.get(id);
    if (entry === undefined) return undefined;
    this.#open.delete(id);
    const { route } = entry.session;
    const { client, server } = entry;
    this.#sum(route, { ...NOTHING, sessions: -1, messages: end.messages, bytes: end.bytes });
    if (this.#open.size === 0) for (const resolve of this.#waiting.splice(0)) resolve();
    return { type: "session-end", id, route, client, server, ...end };
  }

  /** A policy has given it others. */
  renew(id: string, attributes: LiveSession["attributes"]): void {
    const entry = this.#open.get(id);
    if (entry !== undefined) entry.attributes = attributes;
  }

  hasOpen(route: string): boolean {
    return (this.#routes.get(route)?.sessions ?? 0) > 0;
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
    const now = this.#now();
    const open = [...this.#open.values()].map((entry): RouteTraffic => {
      const { route, traffic, bufferedBytes } = entry.session;
      const count = traffic.messages.client + traffic.messages.server;
      if (count !== entry.messages) Object.assign(entry, { messages: count, quietSince: now });
      return { route, sessions: 0, messages: traffic.messages, bytes: traffic.bytes, bufferedBytes };
    });
    return sumByRoute([...this.#routes.values(), ...open]);
  }

  /** For people. @param id only this one */
  list(id?: string): readonly LiveSession[] {
    const now = this.#now();
    if (id === undefined) return [...this.#open.values()].map((entry) => describe(entry, now));
    const entry = this.#open.get(id);
    return entry === undefined ? [] : [describe(entry, now)];
  }

  #sum(route: string, more: TrafficSum): void {
    const before = this.#routes.get(route) ?? NOTHING;
    this.#routes.set(route, { route, ...sumTraffic([before, more]) });
  }
}

function describe(entry: BookEntry, now: number): LiveSession {
  const { session, messages, quietSince, ...place } = entry;
  const { traffic } = session;
  const isQuiet = traffic.messages.client + traffic.messages.server === messages;
  return {
    ...{ id: session.id, route: session.route, ...place, ...traffic },
    bufferedBytes: session.bufferedBytes,
    idleMs: isQuiet ? Math.round(now - quietSince) : 0,
  };
}
