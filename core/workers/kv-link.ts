import { CapabilityError, type KvStore } from "../../sandbox/index.ts";

/** `kv` in memory lies with the supervisor; a worker asks for it over its channel. */
export interface KvQuestion {
  readonly id: number;
  readonly method: "get" | "set" | "increment" | "compareAndSet" | "delete";
  readonly args: readonly unknown[];
}

export type KvAnswer =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly kind: CapabilityError["kind"]; readonly message: string };

/** The supervisor's side. */
export function createKvAnswerer(
  store: KvStore,
  send: (answer: KvAnswer) => void,
): (question: KvQuestion) => void {
  return ({ id, method, args }) => {
    const run = store[method] as (...args: readonly unknown[]) => Promise<unknown>;
    run(...args).then(
      (value) => send({ id, value }),
      (error: unknown) => {
        const kind = error instanceof CapabilityError ? error.kind : "Error";
        send({ id, kind, message: (error as Error).message });
      },
    );
  };
}

/** The worker's side. An answer that never comes costs whoever waits its deadline. */
export function createDistantKv(send: (question: KvQuestion) => void): {
  readonly store: KvStore;
  take(answer: KvAnswer): void;
} {
  const waiting = new Map<number, PromiseWithResolvers<never>>();
  let lastId = 0;

  function ask<T>(method: KvQuestion["method"], ...args: readonly unknown[]): Promise<T> {
    const id = ++lastId;
    const reply = Promise.withResolvers<never>();
    waiting.set(id, reply);
    send({ id, method, args });
    return reply.promise;
  }

  return {
    store: {
      get: (key) => ask("get", key),
      set: (key, value, expiresMs) => ask("set", key, value, expiresMs),
      increment: (key, by, expiresMs) => ask("increment", key, by, expiresMs),
      compareAndSet: (key, expected, value, expiresMs) =>
        ask("compareAndSet", key, expected, value, expiresMs),
      delete: (key) => ask("delete", key),
      async close() {},
    },
    take(answer) {
      const reply = waiting.get(answer.id);
      waiting.delete(answer.id);
      if ("kind" in answer) reply?.reject(new CapabilityError(answer.kind, answer.message));
      else reply?.resolve(answer.value as never);
    },
  };
}
