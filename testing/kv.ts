import type { KvStore } from "../sandbox/index.ts";
import { createMemoryKv } from "../sandbox/index.ts";

type Expiry = { readonly expires?: number };

/** `kv` as policies see it: a stub is one, and so is what a test reads and seeds. Values are plain data. */
export interface TestKv {
  get(key: string): Promise<unknown>;
  set(key: string, value: unknown, options?: Expiry): Promise<void>;
  increment(key: string, by?: number, options?: Expiry): Promise<number>;
  compareAndSet(key: string, expected: unknown, value: unknown, options?: Expiry): Promise<boolean>;
  delete(key: string): Promise<boolean>;
}

/** In memory; what expires does so by the clock of the test. */
export function createTestKv(now: () => number): TestKv {
  const store = createMemoryKv({ now });
  return {
    get: async (key) => parse(await store.get(key)),
    set: (key, value, { expires } = {}) => store.set(key, JSON.stringify(value), expires),
    increment: (key, by = 1, { expires } = {}) => store.increment(key, by, expires),
    compareAndSet: (key, expected, value, { expires } = {}) =>
      store.compareAndSet(key, textOf(expected), textOf(value), expires),
    delete: (key) => store.delete(key),
  };
}

/** A stub in the place of the gateway's store, which knows keys with their namespace, and values as JSON. */
export function storeOf(kv: TestKv): KvStore {
  const own = (key: string) => key.slice(key.indexOf(":") + 1);
  const expiry = (expires?: number) => (expires === undefined ? undefined : { expires });
  return {
    get: async (key) => textOf(await kv.get(own(key))),
    set: async (key, value, expires) => kv.set(own(key), JSON.parse(value), expiry(expires)),
    increment: async (key, by, expires) => kv.increment(own(key), by, expiry(expires)),
    compareAndSet: async (key, expected, value, expires) =>
      kv.compareAndSet(own(key), parse(expected), parse(value), expiry(expires)),
    delete: async (key) => kv.delete(own(key)),
    async close() {},
  };
}

function parse(text: string | null): unknown {
  return text === null ? undefined : JSON.parse(text);
}

/** What is not there is null in the store, and undefined or null to a policy. */
function textOf(value: unknown): string | null {
  return value === undefined || value === null ? null : JSON.stringify(value);
}
