import { type Signal, signal } from "@preact/signals";
import type { TestClientMessage, TestClientRequest } from "../../core/admin/api/api-schema.ts";
import { socketUrl } from "./api.ts";

export type TestState = "idle" | "connecting" | "open" | "closing";

/** What happened, for the log. */
export type TestLogEntry = { readonly id: number; readonly time: number } & (
  | {
      readonly kind: "sent" | "received";
      readonly encoding: "text" | "base64";
      readonly data: string;
      readonly tookMs?: number;
    }
  | { readonly kind: "open"; readonly session: string; readonly subprotocol: string }
  | { readonly kind: "refused"; readonly status: number; readonly body: string }
  | { readonly kind: "closed"; readonly code: number; readonly reason: string }
  | { readonly kind: "pong"; readonly tookMs: number }
  | { readonly kind: "error"; readonly text: string }
);

type NewTestLogEntry = TestLogEntry extends infer One
  ? One extends TestLogEntry
    ? Omit<One, "id" | "time">
    : never
  : never;
export type ConnectRequest = Omit<Extract<TestClientRequest, { type: "connect" }>, "type">;

export interface TestClientConnection {
  readonly state: Signal<TestState>;
  /** The gateway's id of the session, once it is open. */
  readonly session: Signal<string>;
  readonly log: Signal<readonly TestLogEntry[]>;
  connect(request: ConnectRequest): void;
  send(encoding: "text" | "base64", data: string): void;
  ping(): void;
  close(code: number, reason: string): void;
  clear(): void;
  dispose(): void;
}

const KEPT_ENTRIES = 1000;

/** One connection of the test client: through the admin API, for a page cannot set headers of a WebSocket itself. */
export function createTestClientConnection(): TestClientConnection {
  const state = signal<TestState>("idle");
  const session = signal("");
  const log = signal<readonly TestLogEntry[]>([]);
  let socket: WebSocket | undefined;
  let lastId = 0;
  let sentAt = 0;
  let pingedAt = 0;

  function note(entry: NewTestLogEntry, time = Date.now()): void {
    log.value = [...log.value.slice(1 - KEPT_ENTRIES), { ...entry, id: ++lastId, time } as TestLogEntry];
  }

  function say(request: TestClientRequest): void {
    if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(request));
  }

  function receive(message: TestClientMessage): void {
    switch (message.type) {
      case "open":
        state.value = "open";
        session.value = message.session;
        return note({ kind: "open", session: message.session, subprotocol: message.subprotocol });
      case "refused":
        note({ kind: "refused", status: message.status, body: message.body });
        return end();
      case "message": {
        const tookMs = sentAt === 0 ? undefined : performance.now() - sentAt;
        sentAt = 0;
        const { encoding, data } = message;
        return note(
          { kind: "received", encoding, data, ...(tookMs === undefined ? {} : { tookMs }) },
          message.time,
        );
      }
      case "pong":
        return note({ kind: "pong", tookMs: performance.now() - pingedAt }, message.time);
      case "closed":
        note({ kind: "closed", code: message.code, reason: message.reason });
        return end();
      case "error":
        return note({ kind: "error", text: message.message });
    }
  }

  function end(): void {
    const gone = socket;
    socket = undefined;
    state.value = "idle";
    gone?.close();
  }

  return {
    state,
    session,
    log,
    connect(request) {
      end();
      state.value = "connecting";
      session.value = "";
      const mine = new WebSocket(socketUrl("/test-client"));
      socket = mine;
      mine.onopen = () => say({ type: "connect", ...request });
      mine.onmessage = ({ data }) => {
        if (socket === mine) receive(JSON.parse(data) as TestClientMessage);
      };
      mine.onclose = () => {
        if (socket !== mine) return;
        note({ kind: "error", text: "The console's own connection to the gateway has gone." });
        end();
      };
    },
    send(encoding, data) {
      sentAt = performance.now();
      note({ kind: "sent", encoding, data });
      say({ type: "send", encoding, data });
    },
    ping() {
      pingedAt = performance.now();
      say({ type: "ping" });
    },
    close(code, reason) {
      state.value = "closing";
      say({ type: "close", code, reason });
    },
    clear() {
      log.value = [];
    },
    dispose: end,
  };
}
