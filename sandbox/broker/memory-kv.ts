import { CapabilityError } from "./errors.ts";
import type { KvStore } from "./kv-store.ts";

export interface MemoryKvOptions {
  /** Milliseconds of a clock that cannot be set. */
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
/** One namespace may take so much of it: a policy that fills its own must not stop those that count beside it. */
const NAMESPACE_SHARE = 1 / 2;
/** What an entry costs beside its texts. */
const OVERHEAD = 128;
/** When there is no room, what has expired is looked for at most so often. */
const SWEEP_EVERY_MS = 1000;

interface Usage {
  entries: number;
  bytes: number;
}

const UNUSED: Readonly<Usage> = { entries: 0, bytes: 0 };

/**
 * All of it in this process, gone with it. Full, it refuses new keys rather than drop old ones: a counter that is
 * dropped is a limit that is lifted.
 */
export function createMemoryKv(options: MemoryKvOptions = {}): KvStore {
  const { now = () => performance.now(), maxEntries = MAX_ENTRIES, maxBytes = MAX_BYTES } = options;
  const entries = new Map<string, Entry>();
  const namespaces = new Map<string, Usage>();
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
    count(key, -1, -sizeOf(key, entry.value));
  }

  function count(key: string, added: number, size: number): void {
    bytes += size;
    const namespace = namespaceOf(key);
    if (namespace === undefined) return;
    const usage = namespaces.get(namespace) ?? { entries: 0, bytes: 0 };
    usage.entries += added;
    usage.bytes += size;
    if (usage.entries > 0) namespaces.set(namespace, usage);
    else namespaces.delete(namespace);
  }

  function write(key: string, value: string, expires: number): void {
    const old = entries.get(key);
    const grown = sizeOf(key, value) - (old ? sizeOf(key, old.value) : 0);
    const added = old ? 0 : 1;
    if (!hasRoom(key, added, grown)) sweep();
    if (!hasRoom(key, added, grown)) {
      const { entries: keys, bytes: size } = namespaces.get(namespaceOf(key) ?? "") ?? UNUSED;
      throw new CapabilityError(
        "RangeError",
        `kv is full: it has ${entries.size} keys with ${bytes} bytes, of this policy ${keys} with ${size}, which may have half. Give values an \`expires\`, or the config a \`kv.url\``,
      );
    }
    count(key, added, grown);
    entries.set(key, { value, expires });
  }

  function hasRoom(key: string, added: number, size: number): boolean {
    if (!fits({ entries: entries.size, bytes }, 1)) return false;
    const namespace = namespaceOf(key);
    return namespace === undefined || fits(namespaces.get(namespace) ?? UNUSED, NAMESPACE_SHARE);

    function fits(used: Usage, share: number): boolean {
      return used.entries + added <= maxEntries * share && used.bytes + size <= maxBytes * share;
    }
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
      const value = addCount(entry?.value ?? "0", by);
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

/** What stands before the first colon, as the broker writes keys. */
function namespaceOf(key: string): string | undefined {
  const colon = key.indexOf(":");
  return colon === -1 ? undefined : key.slice(0, colon);
}

function sizeOf(key: string, value: string): number {
  return OVERHEAD + key.length + value.length;
}

/** @param text a whole number */
export function addCount(text: string, by: number): number {
  const value = /^-?\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(value) || !Number.isSafeInteger(value + by)) throw notACount();
  return value + by;
}

export function notACount(): CapabilityError {
  return new CapabilityError(
    "TypeError",
    "kv.increment: the value is not a whole number, or becomes too large",
  );
}
