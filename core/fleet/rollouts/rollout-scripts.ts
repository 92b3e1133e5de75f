import { defineRedisScript } from "../../../sandbox/index.ts";

/**
 * KEYS: record, reports. ARGV: node, its report or "", for how long both are kept, 1 for all reports in any case, how often they are
 * given otherwise. Who is first after that gets them and may say what follows, so that a large fleet does not read all of itself all
 * the time. Answers the time, the record or "", and names with reports, each behind the time when it came.
 */
export const exchangeScript = defineRedisScript(`
local time = redis.call("TIME")
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if ARGV[2] ~= "" then redis.call("HSET", KEYS[2], ARGV[1], now .. " " .. ARGV[2]) end
local rows = {}
local isTurn = now - tonumber(redis.call("HGET", KEYS[1], "judged") or "0") >= tonumber(ARGV[5])
if ARGV[4] == "1" or isTurn then
  if ARGV[4] ~= "1" then redis.call("HSET", KEYS[1], "judged", now) end
  local all = redis.call("HGETALL", KEYS[2])
  for at = 1, #all, 2 do
    if now - tonumber(string.match(all[at + 1], "^%d+")) > tonumber(ARGV[3]) then
      redis.call("HDEL", KEYS[2], all[at])
    else
      rows[#rows + 1] = all[at]
      rows[#rows + 1] = all[at + 1]
    end
  end
end
redis.call("PEXPIRE", KEYS[1], redis.call("HGET", KEYS[1], "kept") or ARGV[3])
redis.call("PEXPIRE", KEYS[2], ARGV[3])
return {now, redis.call("HGET", KEYS[1], "record") or "", rows}`);

/** KEYS: record. ARGV: the revision that it must have, the new one, the record, for how long it is kept. Answers 1 when it is written. */
export const moveScript = defineRedisScript(`
if (redis.call("HGET", KEYS[1], "revision") or "0") ~= ARGV[1] then return 0 end
redis.call("HSET", KEYS[1], "revision", ARGV[2], "record", ARGV[3], "kept", ARGV[4])
redis.call("PEXPIRE", KEYS[1], ARGV[4])
return 1`);

/** KEYS: reports. ARGV: node. */
export const departScript = defineRedisScript(`return redis.call("HDEL", KEYS[1], ARGV[1])`);
