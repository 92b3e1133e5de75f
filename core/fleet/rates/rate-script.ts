import { type Claim, defineRedisScript, LEASED_SHARE, type Lease } from "../../../sandbox/index.ts";

/**
 * A bucket that fills evenly, as `RateBook` has it, by the clock of Redis: its value is when it is full again, and then it is
 * gone. KEYS: the bucket. ARGV: how many it holds, milliseconds for one, how many to be spent at once (below 0: given back), how
 * many ahead. Answers how many are granted, how many are left, and the milliseconds until there is one.
 */
export const leaseRate = defineRedisScript(`
local time = redis.call("TIME")
local now = time[1] * 1000 + time[2] / 1000
local most, every = tonumber(ARGV[1]), tonumber(ARGV[2])
local count, ahead = tonumber(ARGV[3]), tonumber(ARGV[4])
local full = tonumber(redis.call("GET", KEYS[1]) or now)
full = math.min(math.max(full, now), now + most * every)
local function left() return math.max(0, math.floor(most - (full - now) / every + 1e-6)) end
local here = left()
local granted = math.min(count, here)
if granted == count and count >= 0 then granted = granted + math.min(ahead, math.floor((here - granted) * ${LEASED_SHARE})) end
full = full + granted * every
if full <= now then redis.call("DEL", KEYS[1])
elseif granted ~= 0 then redis.call("SET", KEYS[1], string.format("%.17g", full), "PX", math.ceil(full - now)) end
return {math.max(0, granted), left(), math.ceil(math.max(0, full - now - (most - 1) * every))}`);

/** For `leaseRate`. */
export function argsOf({ refill: { most, everyMs }, count, ahead }: Claim): readonly number[] {
  return [most, everyMs, count, ahead];
}

/** @throws what is no answer of it */
export function readLease(reply: unknown): Lease {
  const [granted, left, waitMs] = Array.isArray(reply) ? (reply as unknown[]) : [];
  if (typeof granted !== "number" || typeof left !== "number" || typeof waitMs !== "number")
    throw new Error("expected a lease of Redis: three numbers");
  return { granted, left, waitMs };
}
