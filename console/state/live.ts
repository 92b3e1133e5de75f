import { batch, type Signal, signal } from "@preact/signals";
import type { Info, LiveMessage, LiveRequest, Pulse } from "../../core/admin/api/api-schema.ts";
import type { SessionFacts, TrafficFilter, TrafficRecord } from "../../core/traffic/records.ts";
import { socketUrl } from "./api.ts";
import { type ChangedNotes, createChangedNotes } from "./changed-notes.ts";

/**
 *   connecting ──hello──▶ live ──socket gone──▶ waiting ──time is up──▶ connecting
 *                                                  └──401──▶ stopped (until somebody has signed in)
 */
export type LiveState =
  | { readonly kind: "connecting" }
  | { readonly kind: "live" }
  | { readonly kind: "waiting"; readonly attempts: number; readonly retryAt: number }
  | { readonly kind: "stopped" };

export interface Subscriber {
  readonly filter: TrafficFilter;
  /** Where to go on from after a reconnect. */
  cursor(): number | undefined;
  receive(
    records: readonly TrafficRecord[],
    skipped: number,
    sessions: Readonly<Record<string, SessionFacts>>,
  ): void;
}

export interface Live {
  readonly state: Signal<LiveState>;
  readonly info: Signal<Info | undefined>;
  /** Of the last minutes, oldest first. */
  readonly pulses: Signal<readonly Pulse[]>;
  /** Grow when the gateway says that there is something new to ask for. */
  readonly changes: { readonly routes: Signal<number>; readonly policies: Signal<number> };
  /** Returns the function that ends it. */
  /** Marks and notes that were changed since the page was opened. */
  readonly notes: ChangedNotes;
  subscribe(subscriber: Subscriber): () => void;
  start(): void;
  stop(): void;
  retryNow(): void;
}

const KEPT_PULSES = 300;
/** A gateway that says nothing for so long is taken for gone: it sends a pulse each second. */
const SILENCE_MS = 6_000;

/** The one WebSocket of the live feed. `onGone` asks whether we may still come in. */
export function createLive(mayConnect: () => Promise<boolean>): Live {
  const state = signal<LiveState>({ kind: "stopped" });
  const info = signal<Info | undefined>(undefined);
  const pulses = signal<readonly Pulse[]>([]);
  const changes = { routes: signal(0), policies: signal(0) };
  const notes = createChangedNotes();
  const subscribers = new Map<number, Subscriber>();
  let socket: WebSocket | undefined;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let silence: ReturnType<typeof setTimeout> | undefined;
  let attempts = 0;
  let lastId = 0;

  function connect(): void {
    clearTimeout(retry);
    const mine = new WebSocket(socketUrl("/live"));
    socket = mine;
    if (state.value.kind !== "waiting") state.value = { kind: "connecting" };
    mine.onmessage = ({ data }) => {
      if (socket !== mine) return;
      listenForSilence();
      batch(() => receive(JSON.parse(data) as LiveMessage));
    };
    mine.onclose = () => {
      if (socket === mine) wait();
    };
    listenForSilence();
  }

  function receive(message: LiveMessage): void {
    switch (message.type) {
      case "hello":
        attempts = 0;
        if (info.value?.startedAt !== message.info.startedAt) notes.clear();
        info.value = message.info;
        pulses.value = message.pulses;
        state.value = { kind: "live" };
        changes.routes.value++;
        changes.policies.value++;
        for (const [id, subscriber] of subscribers) ask(id, subscriber);
        return;
      case "pulse":
        pulses.value = [...pulses.value.slice(1 - KEPT_PULSES), message.pulse];
        return;
      case "traffic":
        subscribers.get(message.id)?.receive(message.records, message.skipped, message.sessions);
        return;
      case "noted":
        notes.add(message);
        return;
      case "changed":
        changes[message.what].value++;
        return;
    }
  }

  function ask(id: number, { filter, cursor }: Subscriber): void {
    const after = cursor();
    send({ type: "traffic", id, filter, ...(after === undefined ? {} : { after }) });
  }

  function send(request: LiveRequest): void {
    if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(request));
  }

  function wait(): void {
    clearTimeout(silence);
    socket = undefined;
    attempts++;
    const delay = Math.min(10_000, 500 * 2 ** Math.min(attempts - 1, 5));
    state.value = { kind: "waiting", attempts, retryAt: Date.now() + delay };
    retry = setTimeout(async () => {
      if (await mayConnect()) connect();
    }, delay);
  }

  function listenForSilence(): void {
    clearTimeout(silence);
    silence = setTimeout(drop, SILENCE_MS);
  }

  /** Without waiting for the close handshake of a peer that is gone. */
  function drop(): void {
    const gone = socket;
    if (gone === undefined) return;
    wait();
    gone.onclose = null;
    gone.onmessage = null;
    gone.close();
  }

  function stop(): void {
    clearTimeout(retry);
    clearTimeout(silence);
    const gone = socket;
    socket = undefined;
    gone?.close();
    state.value = { kind: "stopped" };
  }

  return {
    state,
    info,
    pulses,
    changes,
    notes,
    start() {
      stop();
      attempts = 0;
      connect();
    },
    stop,
    retryNow() {
      if (state.value.kind !== "waiting") return;
      connect();
    },
    subscribe(subscriber) {
      const id = ++lastId;
      subscribers.set(id, subscriber);
      if (state.value.kind === "live") ask(id, subscriber);
      return () => {
        subscribers.delete(id);
        send({ type: "stop", id });
      };
    },
  };
}
