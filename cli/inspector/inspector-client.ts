import { once } from "node:events";
import { WebSocket } from "ws";

type Params = Readonly<Record<string, unknown>>;

interface Answer {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Params;
  readonly result?: Params;
  readonly error?: { readonly message: string };
}

/** A debugger that does what a command of ours needs. */
export interface InspectorClient {
  /** Rejects when the isolate refuses, or the gateway goes. */
  ask(method: string, params?: Params): Promise<Params>;
  on(method: string, listener: (params: Params) => void): void;
  close(): void;
}

export async function openInspectorClient(url: string): Promise<InspectorClient> {
  const socket = new WebSocket(url);
  const waiting = new Map<number, PromiseWithResolvers<Params>>();
  const listeners = new Map<string, (params: Params) => void>();
  let lastId = 0;

  socket.on("message", (data) => {
    const { id, method, params = {}, result = {}, error } = JSON.parse(String(data)) as Answer;
    if (method !== undefined) listeners.get(method)?.(params);
    if (id === undefined) return;
    if (error) waiting.get(id)?.reject(new Error(error.message));
    else waiting.get(id)?.resolve(result);
    waiting.delete(id);
  });
  socket.on("close", () => {
    for (const { reject } of waiting.values()) reject(new Error("the gateway has closed the connection"));
  });
  await once(socket, "open");

  return {
    ask(method, params = {}) {
      const id = ++lastId;
      const answer = Promise.withResolvers<Params>();
      waiting.set(id, answer);
      socket.send(JSON.stringify({ id, method, params }));
      return answer.promise;
    },
    on: (method, listener) => void listeners.set(method, listener),
    close: () => socket.close(),
  };
}
