import { hash } from "node:crypto";
import type { RateKey, TakeRate } from "../rates/claim.ts";
import type { WireRate, WireRateTaken } from "../wire/ask-texts.ts";
import { CapabilityError } from "./errors.ts";
import { MAX_KEY } from "./kv-store.ts";

/** Longest time in which a bucket fills: 10 years. */
const MAX_FILL_MS = 10 * 365 * 24 * 3600 * 1000;
const MOST = 1_000_000_000;
/** What is longer is known by its hash. */
const SHORT_KEY = 96;

/** Carries out `rates.take`. @param namespace what the policy's keys stand under */
export async function takeOfRate(take: TakeRate, namespace: string, wire: WireRate): Promise<WireRateTaken> {
  const { granted, left, waitMs } = await take(rateKeyOf(namespace, wire));
  const allowed = granted > 0;
  return { allowed, retryAfterMs: allowed ? 0 : Math.ceil(waitMs), remaining: left };
}

function rateKeyOf(namespace: string, { key, limit, per, burst, onStoreLoss }: WireRate): RateKey {
  if (key === "" || key.length > MAX_KEY)
    throw new CapabilityError("RangeError", `rates.take: expected a key of at most ${MAX_KEY} characters`);
  if (!(limit > 0 && limit <= MOST) || !(per >= 1 && per <= MAX_FILL_MS))
    throw new CapabilityError(
      "TypeError",
      "rates.take: expected `limit` to be a number above 0, and `per` milliseconds from 1 on",
    );
  const refill = { most: burst, everyMs: per / limit };
  if (!(Number.isInteger(burst) && burst >= 1 && burst <= MOST) || burst * refill.everyMs > MAX_FILL_MS)
    throw new CapabilityError(
      "RangeError",
      "rates.take: expected `burst` to be a whole number from 1 on, which fills within ten years",
    );
  // With the limit, so that another one begins anew.
  const whole = JSON.stringify([limit, per, burst, key]);
  return {
    space: `policies ${namespace}`,
    key: whole.length > SHORT_KEY ? hash("sha256", whole, "base64url") : whole,
    ...{ refill, onStoreLoss },
  };
}
