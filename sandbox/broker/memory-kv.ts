import { CapabilityError } from "./errors.ts";
import type { KvStore } from "./kv-store.ts";

export interface MemoryKvOptions {
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  readonly maxEntries?: number;
  readonly maxBytes?: number;
}

interface Entry {
  readonly value: string;
  /** Infinity: never. */
  readonly expires: number;
}

const MAX_ENTRIES = 100_000;
const MAX_BYTES = 64 * 1024 * 1024;
/** What an entry costs beside its texts. */
const OVERHEAD = 128;
/** When there is no room, what has expired is looked for at most so often. */
const SWEEP_EVERY_MS = 1000;

/**
 * All of it in this process, gone with it. Full, it refuses new keys rather than drop old ones: a counter that is
 * dropped is a limit that is lifted.
 */
export function createMemoryKv(options: MemoryKvOptions = {}): KvStore {
  const { now = Date.now, maxEntries = MAX_ENTRIES, maxBytes = MAX_BYTES } = options;
  const entries = new Map<string, Entry>();
  let bytes = 0;
  let sweptAt = -Infinity;

  function read(key: string): Entry | undefined {
    const entry = entries.get(key);
    if (!entry || entry.expires > now()) return entry;
    remove(key, entry);
    return undefined;
  }

  function remove(key: string, entry: Entry): void {
    entries.delete(key);
    bytes -= sizeOf(key, entry.value);
  }

  function write(key: string, value: string, expires: number): void {
    const old = entries.get(key);
    const grown = sizeOf(key, value) - (old ? sizeOf(key, old.value) : 0);
    if (!hasRoom(old ? 0 : 1, grown)) sweep();
    if (!hasRoom(old ? 0 : 1, grown)) {
      throw new CapabilityError(
        "RangeError",
        `kv is full: it has ${entries.size} keys with ${bytes} bytes. Give values an \`expires\`, or the config a \`kv.url\``,
      );
    }
    bytes += grown;
    entries.set(key, { value, expires });
  }

  function hasRoom(count: number, size: number): boolean {
    return entries.size + count <= maxEntries && bytes + size <= maxBytes;
  }

  function sweep(): void {
    const time = now();
    if (time - sweptAt < SWEEP_EVERY_MS) return;
    sweptAt = time;
    for (const [key, entry] of entries) if (entry.expires <= time) remove(key, entry);
  }

  const until = (expiresMs: number | undefined) => (expiresMs === undefined ? Infinity : now() + expiresMs);

  return {
    async get(key) {
      return read(key)?.value ?? null;
    },
    async set(key, value, expiresMs) {
      write(key, value, until(expiresMs));
    },
    async increment(key, by, expiresMs) {
      const entry = read(key);
      const value = (entry ? readCount(entry.value) : 0) + by;
      if (!Number.isSafeInteger(value)) throw notACount();
      write(key, String(value), entry ? entry.expires : until(expiresMs));
      return value;
    },
    async compareAndSet(key, expected, value, expiresMs) {
      const entry = read(key);
      if ((entry?.value ?? null) !== expected) return false;
      if (value !== null) write(key, value, until(expiresMs));
      else if (entry) remove(key, entry);
      return true;
    },
    async delete(key) {
      const entry = read(key);
      if (entry) remove(key, entry);
      return entry !== undefined;
    },
    async close() {
      entries.clear();
    },
  };
}

function sizeOf(key: string, value: string): number {
  return OVERHEAD + key.length + value.length;
}

function readCount(text: string): number {
  const value = /^-?\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(value)) throw notACount();
  return value;
}

export function notACount(): CapabilityError {
  return new CapabilityError(
    "TypeError",
    "kv.increment: the value is not a whole number, or becomes too large",
  );
}
