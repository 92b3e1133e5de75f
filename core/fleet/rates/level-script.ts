import { defineRedisScript } from "../../../sandbox/index.ts";
import type { Settlement } from "../../leases/settled/account.ts";
import { MOST_OVERDRAWN } from "../../leases/settled/bucket-book.ts";
import type { Level, RateLimit } from "../../leases/settled/token-bucket.ts";

/**
 * A bucket of messages and bytes that may be overdrawn, as `BucketBook` has it, by the clock of Redis: its value is when each of
 * both is full again, and then it is gone. KEYS: the bucket. ARGV: the milliseconds in which it fills, the messages and bytes that
 * it holds (0: no limit), those that were let in. Answers the microseconds until each of both is full.
 */
export const settleRate = defineRedisScript(`
local time = redis.call("TIME")
local now = time[1] * 1000 + time[2] / 1000
local per = tonumber(ARGV[1])
local full = {}
for at in string.gmatch(redis.call("GET", KEYS[1]) or "", "%S+") do full[#full + 1] = tonumber(at) end
for n = 1, 2 do
  local most, count = tonumber(ARGV[1 + n]), tonumber(ARGV[3 + n])
  full[n] = math.max(full[n] or now, now)
  if most > 0 then full[n] = math.min(full[n] + count * per / most, now + per * ${MOST_OVERDRAWN + 1}) end
end
local last = math.max(full[1], full[2])
if last <= now then redis.call("DEL", KEYS[1])
else redis.call("SET", KEYS[1], string.format("%.17g %.17g", full[1], full[2]), "PX", math.ceil(last - now)) end
return {math.ceil((full[1] - now) * 1000), math.ceil((full[2] - now) * 1000)}`);

/** For `settleRate`. */
export function settleArgs({ limit, messages, bytes }: Settlement): readonly number[] {
  return [limit.perMs, limit.messages, limit.bytes, messages, bytes];
}

/** @throws what is no answer of it */
export function readLevel(reply: unknown, { messages, bytes, perMs }: RateLimit): Level {
  const [ofMessages, ofBytes] = Array.isArray(reply) ? (reply as unknown[]) : [];
  if (typeof ofMessages !== "number" || typeof ofBytes !== "number")
    throw new Error("expected a level of Redis: two numbers");
  const level = (most: number, micros: number) => most * (1 - micros / 1000 / perMs);
  return { messages: level(messages, ofMessages), bytes: level(bytes, ofBytes) };
}
