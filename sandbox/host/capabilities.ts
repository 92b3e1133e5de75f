import { createHash, randomFillSync } from "node:crypto";

/**
 * What the guest's own code may ask of the host. A policy never holds these: it sees the guest's wrappers, which count.
 * They take and give strings, numbers and bytes, and never throw: an error would carry the host's stack across.
 */
export const MAX_RANDOM_BYTES = 65_536;
const MAX_DIGEST_BYTES = 16 * 1024 * 1024;
const DIGESTS: Readonly<Record<string, string>> = {
  "SHA-1": "sha1",
  "SHA-256": "sha256",
  "SHA-384": "sha384",
  "SHA-512": "sha512",
};
const SETTABLE = [
  "protocol",
  "username",
  "password",
  "host",
  "hostname",
  "port",
  "pathname",
  "search",
  "hash",
] as const;
const PARTS = ["href", "origin", ...SETTABLE] as const;

export function parseUrl(href: unknown, base?: unknown, part?: unknown, value?: unknown): string | undefined {
  try {
    if (typeof href !== "string" || (base !== undefined && typeof base !== "string")) return undefined;
    const url = new URL(href, base);
    if (part !== undefined) {
      if (
        typeof part !== "string" ||
        typeof value !== "string" ||
        !(SETTABLE as readonly string[]).includes(part)
      )
        return undefined;
      url[part as "search"] = value;
    }
    return JSON.stringify(Object.fromEntries(PARTS.map((name) => [name, url[name as "href"]])));
  } catch {
    return undefined;
  }
}

export function randomBytes(length: unknown): Uint8Array | undefined {
  if (typeof length !== "number" || !Number.isInteger(length) || length < 0 || length > MAX_RANDOM_BYTES)
    return undefined;
  return randomFillSync(new Uint8Array(length));
}

export function digest(algorithm: unknown, bytes: unknown): Uint8Array | undefined {
  try {
    if (typeof algorithm !== "string" || !Object.hasOwn(DIGESTS, algorithm)) return undefined;
    if (!(bytes instanceof Uint8Array) || bytes.length > MAX_DIGEST_BYTES) return undefined;
    return new Uint8Array(
      createHash(DIGESTS[algorithm] as string)
        .update(bytes)
        .digest(),
    );
  } catch {
    return undefined;
  }
}
