import type { HeaderFields } from "../net/headers.ts";

/** A limit that a client has met. */
export interface MetLimit {
  /** Of our own: what the client reads it by. */
  readonly name: "upgrades" | "connections";
  readonly quota: number;
  /** The time that the quota is for; absent: it is of what is open at once. */
  readonly windowMs?: number;
  readonly retryAfterSeconds: number;
}

/**
 * When to come again (RFC 9110 section 10.2.3), and why (RateLimit header fields for HTTP, draft-ietf-httpapi-ratelimit-headers-11):
 * the policy, and that nothing is left of it.
 */
export function limitFields({ name, quota, windowMs, retryAfterSeconds }: MetLimit): HeaderFields {
  const unit = windowMs === undefined ? 'qu="concurrent-requests"' : `w=${Math.ceil(windowMs / 1000)}`;
  return [
    ["Retry-After", String(retryAfterSeconds)],
    ["RateLimit-Policy", `"${name}";q=${quota};${unit}`],
    ["RateLimit", `"${name}";r=0;t=${retryAfterSeconds}`],
  ];
}
