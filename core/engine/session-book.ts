import type { ConnectionContext } from "../../sandbox/contract.ts";
import type { SessionEndEvent } from "../events.ts";
import { type RouteTraffic, sumByRoute, sumTraffic, type TrafficSum } from "../metrics/route-traffic.ts";
import { PassingMap } from "../session/passing-map.ts";
import type { Session } from "../session/session.ts";
import type { SessionEnd } from "../session-end.ts";
import { compileSessionFilter, type SessionFilter } from "../steering/session-filter.ts";
import type { SteeredSession, SteeredSessions } from "../steering/steering.ts";
import { factsOf } from "../traffic/filter/session-facts.ts";
import type { SessionFacts } from "../traffic/records.ts";
import type { AcceptedUpgrade } from "../upgrade/accepted-upgrade.ts";
import type { ServerName } from "../upstream/server-choice.ts";
import { endEvent } from "./end-event.ts";
import type { FoundSessions, LiveSession, SessionsQuery } from "./live-session.ts";
import { comparePlaces } from "./session-place.ts";

/** What the book is kept of. */
export type BookedSession = Pick<
  Session,
  | "id"
  | "route"
  | "ageMs"
  | "policies"
  | "traffic"
  | "bufferedBytes"
  | "close"
  | "destroy"
  | "relieve"
  | "tell"
  | "say"
  | "held"
  | "isHoldable"
  | "renew"
  | "review"
  | "tellTo"
  | "recycleSpreadMs"
>;

/** An upgrade as far as the book knows of it. */
export interface BookedUpgrade {
  readonly context: Pick<ConnectionContext, "request" | "attributes" | "subprotocol">;
  readonly extensions: Pick<AcceptedUpgrade["extensions"], "header">;
  readonly client: Pick<AcceptedUpgrade["client"], "address">;
  readonly server: Pick<AcceptedUpgrade["server"], "url" | "at">;
}

/** Nothing of the upgrade is kept that nobody asks for: most sessions are idle, and all of them have one. */
interface BookEntry extends Pick<LiveSession, "path" | "client" | "subprotocol" | "extensions"> {
  session: BookedSession;
  server: string;
  at: ServerName | undefined;
  attributes: LiveSession["attributes"];
  readonly startedAt: number;
  /** Messages when they were last counted, and since when there are so many: on a clock that cannot be set. */
  messages: number;
  quietSince: number;
}

const ALL: SessionsQuery = { filter: {}, limit: Number.POSITIVE_INFINITY };
const NONE = { client: 0, server: 0 };
const NOTHING: TrafficSum = { sessions: 0, messages: NONE, bytes: NONE, bufferedBytes: NONE };

/**
 * The one book of a process's sessions: those that are open, and by route how many there are and what those that have
 * ended carried. What is said of an end, to whoever it may be, is what the book says of it. Of open sessions it asks when
 * it is asked; they tell it nothing.
 */
export class SessionBook implements SteeredSessions {
  readonly #open = new PassingMap<BookEntry>();
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
      at: server.at,
      subprotocol: context.subprotocol,
      extensions: extensions.header ?? "",
      attributes: context.attributes,
      startedAt: Date.now(),
      messages: 0,
      quietSince: this.#now(),
    });
    this.#sum(session.route, { ...NOTHING, sessions: 1 });
  }

  /** It goes on as another: it has its server now. */
  replace(id: string, session: BookedSession, { url, at }: BookedUpgrade["server"]): void {
    const entry = this.#open.get(id);
    if (entry !== undefined) Object.assign(entry, { session, server: url, at });
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
    return endEvent({ id, route, client, server }, end);
  }

  /** A policy has given it others. */
  renew(id: string, attributes: LiveSession["attributes"]): void {
    const entry = this.#open.get(id);
    if (entry !== undefined) entry.attributes = attributes;
  }

  /** What filters of traffic may ask of an open session. Of the request neither the host nor the query is kept. */
  factsOf(id: string, subjects: readonly string[]): SessionFacts | undefined {
    const entry = this.#open.get(id);
    if (entry === undefined) return undefined;
    const { path, client, server, subprotocol, attributes } = entry;
    return factsOf({ attributes, path, subprotocol, client, server, request: [] }, subjects);
  }

  hasOpen(route: string): boolean {
    return (this.#routes.get(route)?.sessions ?? 0) > 0;
  }

  /** How many are open. */
  get size(): number {
    return this.#open.size;
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

  /** For people: a page of those that fit, newest first. */
  list({ filter, limit, before }: SessionsQuery = ALL): FoundSessions {
    const now = this.#now();
    const fitting = this.#fitting(filter).map((entry) => ({
      ...{ entry, id: entry.session.id, startedAt: entry.startedAt },
    }));
    const left = before ? fitting.filter((place) => comparePlaces(place, before) > 0) : fitting;
    // The book is nearly in this order, which costs a sort next to nothing.
    const page = left.reverse().sort(comparePlaces).slice(0, limit);
    return {
      sessions: page.map(({ entry }) => describe(entry, now)),
      total: fitting.length,
      left: left.length,
    };
  }

  count(filter: SessionFilter): number {
    return this.#fitting(filter).length;
  }

  *steered(): Iterable<SteeredSession> {
    for (const entry of this.#open.values()) yield new BookedView(entry);
  }

  findSteered(id: string): SteeredSession | undefined {
    const entry = this.#open.get(id);
    return entry && new BookedView(entry);
  }

  #fitting(filter: SessionFilter): BookEntry[] {
    const fits = compileSessionFilter(filter);
    if (filter.id === undefined)
      return [...this.#open.values()].filter((entry) => fits(new BookedView(entry)));
    const entry = this.#open.get(filter.id);
    return entry !== undefined && fits(new BookedView(entry)) ? [entry] : [];
  }

  #sum(route: string, more: TrafficSum): void {
    const before = this.#routes.get(route) ?? NOTHING;
    this.#routes.set(route, { ...sumTraffic([before, more]), route });
  }
}

/** An entry as those see it who steer: what is not asked for is not worked out. */
class BookedView implements SteeredSession {
  readonly #entry: BookEntry;

  constructor(entry: BookEntry) {
    this.#entry = entry;
  }

  get id(): string {
    return this.#entry.session.id;
  }

  get route(): string {
    return this.#entry.session.route;
  }

  get client(): string {
    return this.#entry.client;
  }

  get subprotocol(): string {
    return this.#entry.subprotocol;
  }

  get attributes(): SteeredSession["attributes"] {
    return this.#entry.attributes;
  }

  get ageMs(): number {
    return this.#entry.session.ageMs;
  }

  get policies(): SteeredSession["policies"] {
    return this.#entry.session.policies;
  }

  get upstream(): SteeredSession["upstream"] {
    return this.#entry.at;
  }

  renew(): Promise<string> {
    return this.#entry.session.renew();
  }

  tell(text: string): void {
    this.#entry.session.tell(text);
  }

  close(...how: Parameters<SteeredSession["close"]>): void {
    this.#entry.session.close(...how);
  }
}

function describe(entry: BookEntry, now: number): LiveSession {
  const { session, at, messages, quietSince, ...place } = entry;
  const { traffic, held, isHoldable } = session;
  const isQuiet = traffic.messages.client + traffic.messages.server === messages;
  return {
    ...{ id: session.id, route: session.route, ...place, ...traffic },
    bufferedBytes: session.bufferedBytes,
    ...{ held, isHoldable },
    idleMs: isQuiet ? Math.round(now - quietSince) : 0,
  };
}
