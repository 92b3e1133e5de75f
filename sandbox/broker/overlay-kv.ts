import { CapabilityError } from "./errors.ts";
import type { KvStore } from "./kv-store.ts";
import { addCount } from "./memory-kv.ts";

export interface OverlayKvOptions {
  /** Milliseconds of a clock that cannot be set. */
  readonly now?: () => number;
  readonly maxEntries?: number;
  readonly maxBytes?: number;
}

export interface OverlayKv extends KvStore {
  /** Something could not be written: what is in here is not what it would be any more. */
  hasLost(): boolean;
}

interface Entry {
  /** null: deleted. */
  readonly value: string | null;
  /** Infinity: never. */
  readonly expires: number;
}

const MAX_ENTRIES = 10_000;
const MAX_BYTES = 4 * 1024 * 1024;
/** What an entry costs beside its texts. */
const OVERHEAD = 128;

/**
 * What is written stays in here, over a store that is only read. An entry that has expired is as if it had never been
 * written. Of a value that was there below, its expiry is not known: written over, it lives as long as the write says.
 */
export function createOverlayKv(base: Pick<KvStore, "get">, options: OverlayKvOptions = {}): OverlayKv {
  const { now = () => performance.now(), maxEntries = MAX_ENTRIES, maxBytes = MAX_BYTES } = options;
  const entries = new Map<string, Entry>();
  let bytes = 0;
  let hasLost = false;

  function find(key: string): Entry | undefined {
    const entry = entries.get(key);
    if (entry === undefined || entry.expires > now()) return entry;
    remove(key, entry);
    return undefined;
  }

  async function readBelow(key: string): Promise<string | null> {
    return find(key) === undefined ? base.get(key) : null;
  }

  /** Asked again when the store below has answered: something may have been written meanwhile. */
  function read(key: string, below: string | null): string | null {
    const own = find(key);
    return own === undefined ? below : own.value;
  }

  function write(key: string, value: string | null, expires: number): void {
    const old = find(key);
    if (old !== undefined) remove(key, old);
    const size = sizeOf(key, value);
    if (entries.size >= maxEntries || bytes + size > maxBytes) sweep();
    if (entries.size >= maxEntries || bytes + size > maxBytes) {
      if (old !== undefined) put(key, old);
      hasLost = true;
      throw new CapabilityError(
        "RangeError",
        `kv is full: the overlay of a shadow has room for ${maxEntries} keys and ${maxBytes} bytes; give values an \`expires\``,
      );
    }
    put(key, { value, expires });
  }

  /** Where there is nothing below, there is nothing to hide. */
  function erase(key: string, below: string | null): void {
    if (below !== null) return write(key, null, Infinity);
    const own = find(key);
    if (own !== undefined) remove(key, own);
  }

  function put(key: string, entry: Entry): void {
    entries.set(key, entry);
    bytes += sizeOf(key, entry.value);
  }

  function remove(key: string, { value }: Entry): void {
    entries.delete(key);
    bytes -= sizeOf(key, value);
  }

  function sweep(): void {
    const time = now();
    for (const [key, entry] of entries) if (entry.expires <= time) remove(key, entry);
  }

  const until = (expiresMs: number | undefined) => (expiresMs === undefined ? Infinity : now() + expiresMs);

  return {
    async get(key) {
      return read(key, await readBelow(key));
    },
    async set(key, value, expiresMs) {
      write(key, value, until(expiresMs));
    },
    async increment(key, by, expiresMs) {
      const value = read(key, await readBelow(key));
      const count = addCount(value ?? "0", by);
      const own = find(key);
      const isCounting = own !== undefined && own.value !== null;
      write(key, String(count), isCounting ? own.expires : until(expiresMs));
      return count;
    },
    async compareAndSet(key, expected, value, expiresMs) {
      const below = value === null ? await base.get(key) : await readBelow(key);
      if (read(key, below) !== expected) return false;
      if (value === null) erase(key, below);
      else write(key, value, until(expiresMs));
      return true;
    },
    async delete(key) {
      const below = await base.get(key);
      const isThere = read(key, below) !== null;
      if (isThere) erase(key, below);
      return isThere;
    },
    hasLost: () => hasLost,
    async close() {
      entries.clear();
      bytes = 0;
    },
  };
}

function sizeOf(key: string, value: string | null): number {
  return OVERHEAD + key.length + (value?.length ?? 0);
}
