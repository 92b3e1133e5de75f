import type { JsonObject } from "framegate/policy";

/** A secret of a client's, known by its hash only. */
export interface HashedKey {
  readonly id: string;
  readonly sha256: string;
  readonly attributes?: JsonObject;
  readonly expires?: string;
}

export const HASHED_KEYS_SCHEMA = {
  type: "array",
  minItems: 1,
  items: {
    type: "object",
    required: ["id", "sha256"],
    properties: {
      id: { type: "string", minLength: 1 },
      sha256: { type: "string", pattern: "^[0-9a-f]{64}$" },
      attributes: { type: "object" },
      expires: { type: "string", pattern: "^\\d{4}-\\d\\d-\\d\\d(T\\d\\d:\\d\\d:\\d\\dZ)?$" },
    },
    additionalProperties: false,
  },
};

/** Its time does not tell which key was nearly right: all are compared, and hashes of what came, not what came. */
export async function findKey<Key extends HashedKey>(
  keys: readonly Key[],
  given: string,
): Promise<Key | undefined> {
  const hash = await sha256Hex(given);
  let found: Key | undefined;
  for (const key of keys) if (isSame(hash, key.sha256)) found = key;
  return found === undefined || keyExpiryOf(found) <= Date.now() ? undefined : found;
}

/** Milliseconds since 1970. */
export function keyExpiryOf({ expires }: HashedKey): number {
  return expires === undefined ? Number.POSITIVE_INFINITY : Date.parse(expires);
}

/** Hexadecimal. */
export async function sha256Hex(text: string): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** In a time that depends on the lengths only. */
export function isSame(a: string, b: string): boolean {
  let difference = a.length ^ b.length;
  for (let i = 0; i < a.length; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i % (b.length || 1));
  return difference === 0;
}
