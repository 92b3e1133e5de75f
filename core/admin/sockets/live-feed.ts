import type { WebSocket } from "ws";
import { z } from "zod";
import { parseShape } from "../../../policies/pack/parse-shape.ts";
import { TrafficError } from "../../traffic/errors.ts";
import { findFilterProblem } from "../../traffic/filter/parse-filter.ts";
import type { RecordNote, TrafficRecord } from "../../traffic/records.ts";
import type { TrafficStore } from "../../traffic/store/store.ts";
import { type Info, type LiveMessage, type LiveRequest, liveRequestSchema } from "../api/api-schema.ts";
import { withSessions } from "../api/traffic/page-of.ts";
import type { PulseMeter } from "./pulse-meter.ts";

/** Tells those who listen what happens, as it happens, and no more than they can take. */
export interface LiveFeed {
  accept(socket: WebSocket, info: Info): void;
  changed(what: "routes" | "policies"): void;
  noted(seq: number, note: RecordNote): void;
  close(): void;
}

/** How often new records are looked for. */
const PUSH_MS = 100;
/** The most records in one push; of more at once the rest is counted and left out. */
const MOST_RECORDS = 200;
/** The most that are looked at to count what was left out, where there is a filter. */
const MOST_COUNTED = 1000;
/** With more than this on its way a listener gets nothing new until it has taken some of it. */
const SLOW_BYTES = 1024 * 1024;
const MOST_SUBSCRIPTIONS = 8;
/** A filter whose patterns take too long on what is new rests for so long. */
const SLOW_FILTER_MS = 5_000;

interface Subscription {
  readonly filter: Extract<LiveRequest, { type: "traffic" }>["filter"];
  /** What has been sent or left out up to here. */
  cursor: number;
  /** Of a clock that cannot be set: nothing is looked at before. */
  restUntil: number;
}

interface Taken {
  readonly records: readonly TrafficRecord[];
  readonly skipped: number;
}

interface Listener {
  readonly socket: WebSocket;
  readonly subscriptions: Map<number, Subscription>;
  isPushing: boolean;
  isAlive: boolean;
}

export function createLiveFeed(traffic: TrafficStore, pulses: PulseMeter): LiveFeed {
  const listeners = new Set<Listener>();
  let timer: NodeJS.Timeout | undefined;
  let stopFollowing: (() => void) | undefined;
  let lastCheck = 0;

  return {
    accept(socket, info) {
      const listener: Listener = { socket, subscriptions: new Map(), isPushing: false, isAlive: true };
      listeners.add(listener);
      socket.on("message", (data, isBinary) => onRequest(listener, isBinary ? "" : String(data)));
      socket.on("pong", () => {
        listener.isAlive = true;
      });
      socket.on("error", () => {});
      socket.on("close", () => {
        listeners.delete(listener);
        if (listeners.size === 0) rest();
      });
      timer ??= setInterval(pushAll, PUSH_MS).unref();
      stopFollowing ??= pulses.follow((pulse) => {
        for (const each of listeners) send(each, { type: "pulse", pulse });
        checkAlive(pulse.time);
      });
      send(listener, { type: "hello", info, pulses: [...pulses.pulses] });
    },
    changed(what) {
      for (const listener of listeners) send(listener, { type: "changed", what });
    },
    noted(seq, note) {
      for (const listener of listeners) send(listener, { type: "noted", seq, ...note });
    },
    close() {
      rest();
      for (const { socket } of listeners) socket.close(1001, "gateway is stopping");
      setTimeout(() => {
        for (const { socket } of listeners) socket.terminate();
      }, 1000).unref();
    },
  };

  function rest(): void {
    clearInterval(timer);
    timer = undefined;
    stopFollowing?.();
    stopFollowing = undefined;
  }

  function onRequest({ socket, subscriptions }: Listener, text: string): void {
    const parsed = parseShape(liveRequestSchema, tryParseJson(text));
    if (!parsed.success) return socket.close(1008, truncate(z.prettifyError(parsed.error)));
    const request = parsed.data;
    const problem = request.type === "traffic" ? findFilterProblem(request.filter.filter ?? "") : undefined;
    if (problem !== undefined) return socket.close(1008, truncate(`filter: ${problem}`));
    subscriptions.delete(request.id);
    if (request.type === "stop") return;
    if (subscriptions.size >= MOST_SUBSCRIPTIONS) {
      return socket.close(1008, `at most ${MOST_SUBSCRIPTIONS} subscriptions`);
    }
    subscriptions.set(request.id, {
      filter: request.filter,
      cursor: request.after ?? traffic.stats().newestSeq,
      restUntil: 0,
    });
  }

  function pushAll(): void {
    const { newestSeq } = traffic.stats();
    // Nothing is there, or nobody knows yet.
    if (newestSeq === 0) return;
    for (const listener of listeners) void push(listener, newestSeq);
  }

  async function push(listener: Listener, newestSeq: number): Promise<void> {
    if (listener.isPushing || isSlow(listener)) return;
    listener.isPushing = true;
    try {
      for (const [id, subscription] of listener.subscriptions) {
        // Less than there was: what is recorded is kept in another file now.
        subscription.cursor = Math.min(subscription.cursor, newestSeq);
        if (subscription.cursor === newestSeq) continue;
        if (performance.now() < subscription.restUntil) continue;
        const { records, skipped } = await take(subscription, newestSeq).catch((error: unknown) =>
          leaveOut(subscription, newestSeq, error),
        );
        // Replaced or stopped meanwhile: nobody waits for these.
        if (listener.subscriptions.get(id) !== subscription) continue;
        subscription.cursor = newestSeq;
        // Said even if the listener has become slow: it would never hear of these.
        if (records.length > 0 || skipped > 0)
          write(listener, { type: "traffic", id, ...(await withSessions(traffic, { records, skipped })) });
      }
    } catch {
      // What cannot be read now, as its database is away, is read when it can be: `stats` says why.
    } finally {
      listener.isPushing = false;
    }
  }

  async function take({ filter, cursor }: Subscription, newestSeq: number): Promise<Taken> {
    const range = { ...filter, before: newestSeq + 1 };
    const { records, hasMore } = await traffic.query({ ...range, after: cursor, limit: MOST_RECORDS });
    const last = records.at(-1)?.seq;
    if (!hasMore || last === undefined) return { records, skipped: 0 };
    if (Object.keys(filter).length === 0) return { records, skipped: newestSeq - last };
    const others = await traffic.query({ ...range, after: last, limit: MOST_COUNTED });
    return { records, skipped: others.records.length };
  }

  /** Looked at again, it would take too long again. */
  function leaveOut(subscription: Subscription, newestSeq: number, error: unknown): Taken {
    if (!(error instanceof TrafficError) || error.code !== "ERR_TRAFFIC_PATTERN") throw error;
    subscription.restUntil = performance.now() + SLOW_FILTER_MS;
    return { records: [], skipped: Math.min(MOST_COUNTED, newestSeq - subscription.cursor) };
  }

  /** Who does not answer a ping has gone without a word. */
  function checkAlive(now: number): void {
    if (now - lastCheck < ALIVE_MS) return;
    lastCheck = now;
    for (const listener of listeners) {
      if (!listener.isAlive) listener.socket.terminate();
      listener.isAlive = false;
      listener.socket.ping();
    }
  }
}

const ALIVE_MS = 30_000;

function send(listener: Listener, message: LiveMessage): void {
  if (!isSlow(listener)) write(listener, message);
}

function write({ socket }: Listener, message: LiveMessage): void {
  if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(message));
}

function isSlow({ socket }: Listener): boolean {
  return socket.bufferedAmount > SLOW_BYTES;
}

export function tryParseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** As the reason of a Close: at most 123 bytes. */
export function truncate(text: string): string {
  return Buffer.from(text.replace(/\s+/g, " "))
    .subarray(0, 120)
    .toString("utf8")
    .replace(/\uFFFD+$/, "");
}
