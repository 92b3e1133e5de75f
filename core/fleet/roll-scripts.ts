import { defineRedisScript } from "../../sandbox/index.ts";

/** Each begins so: all times are those of Redis, for clocks of machines differ. */
const NOW = `
local time = redis.call("TIME")
local now = time[1] * 1000 + math.floor(time[2] / 1000)`;

/**
 * KEYS: leases, reports, pulses. ARGV: node, holder, lease, how long who is gone is remembered, sessions, report or "" for
 * the same as before. Answers a word, the time, how many nodes there are, those that are gone but remembered included, and for
 * `taken` the report of who has the name.
 */
export const beatScript = defineRedisScript(`${NOW}
local lease = tonumber(redis.call("ZSCORE", KEYS[1], ARGV[1]) or "0")
local holder = string.match(redis.call("HGET", KEYS[3], ARGV[1]) or "", "^%S+")
if lease > now and holder ~= ARGV[2] then
  return {"taken", now, redis.call("ZCOUNT", KEYS[1], "-inf", "+inf"), redis.call("HGET", KEYS[2], ARGV[1]) or ""}
end
local gone = redis.call("ZRANGEBYSCORE", KEYS[1], "-inf", now - ARGV[4], "LIMIT", 0, 100)
for _, node in ipairs(gone) do
  redis.call("ZREM", KEYS[1], node)
  redis.call("HDEL", KEYS[2], node)
  redis.call("HDEL", KEYS[3], node)
end
local word = "ok"
if ARGV[6] ~= "" then redis.call("HSET", KEYS[2], ARGV[1], ARGV[6])
elseif holder ~= ARGV[2] or redis.call("HEXISTS", KEYS[2], ARGV[1]) == 0 then word = "again" end
redis.call("ZADD", KEYS[1], now + ARGV[3], ARGV[1])
redis.call("HSET", KEYS[3], ARGV[1], ARGV[2] .. " " .. ARGV[5])
for _, key in ipairs(KEYS) do redis.call("PEXPIRE", key, ARGV[3] + ARGV[4]) end
return {word, now, redis.call("ZCOUNT", KEYS[1], "-inf", "+inf")}`);

/** KEYS: the same. ARGV: how many at most, and 1 for their reports too. Answers the time, and of each node its name, the end of its lease, report, pulse. */
export const readScript = defineRedisScript(`${NOW}
local known = redis.call("ZREVRANGE", KEYS[1], 0, ARGV[1] - 1, "WITHSCORES")
local nodes = {}
for at = 1, #known, 2 do
  nodes[#nodes + 1] = known[at]
  nodes[#nodes + 1] = known[at + 1]
  nodes[#nodes + 1] = ARGV[2] == "1" and redis.call("HGET", KEYS[2], known[at]) or ""
  nodes[#nodes + 1] = redis.call("HGET", KEYS[3], known[at]) or ""
end
return {now, nodes}`);

/** KEYS: the same. ARGV: node, holder. */
export const leaveScript = defineRedisScript(`
local holder = string.match(redis.call("HGET", KEYS[3], ARGV[1]) or "", "^%S+")
if holder ~= ARGV[2] then return 0 end
redis.call("ZREM", KEYS[1], ARGV[1])
redis.call("HDEL", KEYS[2], ARGV[1])
redis.call("HDEL", KEYS[3], ARGV[1])
return 1`);
