import { setTimeout as wait } from "node:timers/promises";
import { BreakpointBook } from "../../core/breakpoints/breakpoint-book.ts";
import { type BookedSession, type BookedUpgrade, SessionBook } from "../../core/engine/session-book.ts";
import { createNodeDesk } from "../../core/fleet/desk/node-desk.ts";
import { createNodeHoldDesk } from "../../core/fleet/desk/node-hold-desk.ts";
import { createFleet, type Fleet } from "../../core/fleet/fleet.ts";
import { openFleetStore } from "../../core/fleet/store.ts";
import { compileRedaction, USUAL_REDACTION } from "../../core/redaction/rules.ts";
import { Steering } from "../../core/steering/steering.ts";
import { SteeringJobs } from "../../core/steering/steering-jobs.ts";
import type { SteeredWorker } from "../../core/steering/steering-order.ts";
import { questions } from "../../core/workers/requests.ts";

export interface SimulatedNode {
  readonly fleet: Fleet;
  readonly books: readonly SessionBook[];
  close(): Promise<void>;
}

export interface SimulatedNodeOptions {
  /** Of Redis. */
  readonly url: string;
  readonly node: string;
  /** How many sessions it has. */
  readonly sessions: number;
  readonly patience?: number;
}

const USERS = 1_000;
const SLICES = 1_000;
const SLICE_MS = 1;
const WORKERS = 2;
const NONE = { client: 0, server: 0 };

/**
 * A node whose sessions have no sockets: the books of two workers, what is made of them, and all of the way over Redis are
 * those of a gateway. What is missing is the channel between a worker and its supervisor.
 */
export async function startSimulatedNode(options: SimulatedNodeOptions): Promise<SimulatedNode> {
  const { url, node, sessions, patience } = options;
  const books = Array.from({ length: WORKERS }, () => new SessionBook());
  for (let index = 0; index < sessions; index++) {
    addSession(books[index % WORKERS]!, node, index);
    // Clients come to all machines alike: those of one are not all newer than those of another.
    if (index % Math.ceil(sessions / SLICES) === 0) await wait(SLICE_MS);
  }
  const workers = {
    sessions: async (query: Parameters<SessionBook["list"]>[0]) =>
      questions.sessions.merge(books.map((book) => book.list(query))),
    countSessions: async (filter: Parameters<SessionBook["count"]>[0]) =>
      questions.countSessions.merge(books.map((book) => book.count(filter))),
    closeSession: async (id: string) =>
      books.some((book) => {
        const session = book.find(id);
        session?.close({ code: 1001, reason: "" }, { cause: "admin", detail: "" });
        return session !== undefined;
      }),
    say: async () => undefined,
    renewSessions: async () => [],
  };
  const steered = books.map(steeredOf);
  const steering = new SteeringJobs(() => steered);
  const rules = compileRedaction(USUAL_REDACTION);
  const cluster = { url, name: "framegate", node };
  const store = openFleetStore(cluster, undefined, () => {});
  const fleet = createFleet({
    ...{ store, workers, steering, rules, patience, steered: () => steered },
    own: createNodeDesk({ workers, steering, rules, node }),
    ownHolds: createNodeHoldDesk({
      book: new BreakpointBook(async () => {}),
      workers: {
        held: async () => questions.held.merge([]),
        decideHeld: async () => ({ outcome: "gone" as const }),
        releaseHeld: async () => 0,
      },
      ...{ rules, node },
    }),
    sessions: () => books.reduce((sum, { size }) => sum + size, 0),
    report: () => ({
      ...{ node, host: node, version: "0", startedAt: Date.now(), workers: WORKERS, state: "ready" },
      ...{ config: "", options: [], policies: [], rollouts: [] },
    }),
    onNews(news) {
      if (news.type === "fault") throw news.error;
    },
  });
  fleet.start();
  return {
    fleet,
    books,
    async close() {
      steering.close();
      await fleet.close();
      await store.close();
    },
  };
}

function steeredOf(book: SessionBook): SteeredWorker {
  const steering = new Steering(book);
  return {
    selectSessions: async (order) => steering.select(order),
    steerSessions: async (id, count) => steering.steer(id, count),
    forgetSessions: async (id) => steering.forget(id),
  };
}

function addSession(book: SessionBook, node: string, index: number): void {
  const id = `${node}-${index.toString(36)}`;
  const session: BookedSession = {
    id,
    route: index % 4 === 0 ? "/trading" : "/chat",
    ageMs: index,
    policies: [],
    traffic: { messages: NONE, bytes: NONE },
    bufferedBytes: NONE,
    recycleSpreadMs: undefined,
    tell: () => {},
    say: () => "sent",
    ...{ held: 0, isHoldable: true },
    close: () => book.end(id, CLOSED_END),
    destroy: () => {},
    relieve: () => {},
    renew: async () => "no-hook",
    review: () => {},
    tellTo: () => {},
  };
  const upgrade = {
    context: {
      request: { path: `/chat/room-${index % 100}?lang=en` },
      attributes: {
        user: `user-${index % USERS}`,
        plan: index % 3 === 0 ? "pro" : "free",
        region: "eu-west",
      },
      subprotocol: "chat.v2",
    },
    extensions: { header: "permessage-deflate" },
    client: { address: `10.${index % 8}.${index % 250}.7:${10_000 + (index % 50_000)}` },
    server: { url: "ws://10.4.0.12:3000", at: undefined },
  } as unknown as BookedUpgrade;
  book.add(session, upgrade);
}

const NOBODY = { sent: null, got: null };
const CLOSED_END: Parameters<SessionBook["end"]>[1] = {
  ...{ initiator: "gateway", code: 1001, reason: "", cause: "admin", detail: "", policy: "", version: "" },
  ...{ rule: "", codes: { client: NOBODY, server: NOBODY }, durationMs: 0, messages: NONE, bytes: NONE },
};
