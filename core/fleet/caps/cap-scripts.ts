import { defineRedisScript } from "../../../sandbox/index.ts";

/** Until when a node is there, by the clock of Redis. */
const NOW = `
local time = redis.call("TIME")
local now = time[1] * 1000 + math.floor(time[2] / 1000)`;

/**
 * Says how many places a node has of a cap, and takes some more. What nodes have whose lease has ended counts no more.
 *
 * KEYS: the leases of all nodes in this group of caps; the cap, a field for each node. ARGV: the node, milliseconds of its lease,
 * the cap, how many it has, how many it wants, how many more where there is plenty, for how long the cap is kept.
 * Answers how many are granted, 1 where there is plenty, how many all have beyond the cap, and 1 when the node's lease had ended.
 */
export const settleCap = defineRedisScript(`${NOW}
local node, most = ARGV[1], tonumber(ARGV[3])
local holding, want, ahead = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local function lives(other)
  local till = redis.call("ZSCORE", KEYS[1], other)
  return till and tonumber(till) > now
end
local wasGone = lives(node) and 0 or 1
redis.call("ZADD", KEYS[1], now + ARGV[2], node)
local others, nodes = 0, 1
local fields = redis.call("HGETALL", KEYS[2])
for i = 1, #fields, 2 do
  if fields[i] ~= node then
    if lives(fields[i]) then
      others, nodes = others + fields[i + 1], nodes + 1
    else redis.call("HDEL", KEYS[2], fields[i]) end
  end
end
local free = math.max(0, most - others - holding)
local granted = math.min(want, free)
free = free - granted
local plenty = want > 0 and free * 2 >= most and 1 or 0
if plenty == 1 then granted = granted + math.min(ahead, math.floor(free / (4 * nodes))) end
local has = holding + granted
if has > 0 then
  redis.call("HSET", KEYS[2], node, has)
  redis.call("PEXPIRE", KEYS[2], ARGV[7])
else redis.call("HDEL", KEYS[2], node) end
local over = most > 0 and math.max(0, math.min(has, others + has - most)) or 0
return {granted, plenty, over, wasGone}`);

/** KEYS: the leases. ARGV: the node, milliseconds. Answers 1 when it was there until now. */
export const renewCaps = defineRedisScript(`${NOW}
local till = redis.call("ZSCORE", KEYS[1], ARGV[1])
redis.call("ZADD", KEYS[1], now + ARGV[2], ARGV[1])
for _, gone in ipairs(redis.call("ZRANGEBYSCORE", KEYS[1], "-inf", now)) do redis.call("ZREM", KEYS[1], gone) end
return till and tonumber(till) > now and 1 or 0`);

/** KEYS: the leases. ARGV: the node. All that it has is free. */
export const leaveCaps = defineRedisScript(`return redis.call("ZREM", KEYS[1], ARGV[1])`);
