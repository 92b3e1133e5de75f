/** Where `kv` keeps its values: JSON texts by key. Every operation is atomic. Rejects with a `CapabilityError`. */
export interface KvStore {
  get(key: string): Promise<string | null>;
  /** @param expiresMs from now; absent: never */
  set(key: string, value: string, expiresMs?: number): Promise<void>;
  /** A key that is not there counts from 0, and only then gets the expiry. */
  increment(key: string, by: number, expiresMs?: number): Promise<number>;
  /** null stands for "not there". The expiry is that of the new value. @returns whether it has been set */
  compareAndSet(
    key: string,
    expected: string | null,
    value: string | null,
    expiresMs?: number,
  ): Promise<boolean>;
  /** @returns whether it was there */
  delete(key: string): Promise<boolean>;
  close(): Promise<void>;
}

/** Of a key with its namespace, in UTF-16 units; of a value, in bytes of JSON. */
export const MAX_KEY = 512;
export const MAX_VALUE = 65_536;
