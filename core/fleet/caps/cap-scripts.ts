import { defineRedisScript } from "../../../sandbox/index.ts";

/** Until when a node is there, by the clock of Redis. */
const NOW = `
local time = redis.call("TIME")
local now = time[1] * 1000 + math.floor(time[2] / 1000)`;

/**
 * Says of caps of one group how many places a node has of each, and takes some more. What nodes have whose lease has ended counts no more.
 *
 * KEYS: the leases of all nodes in this group of caps; the caps, each with a field for each node. ARGV: the node, milliseconds of its lease,
 * for how long caps are kept; of each cap what it is, how many it has, how many it wants, how many more where there is plenty.
 * Answers 1 when the node's lease had ended; of each cap how many are granted, 1 where there is plenty, and how many all have beyond it.
 */
export const settleCaps = defineRedisScript(`${NOW}
local node = ARGV[1]
local known = {}
local function lives(other)
  if known[other] == nil then
    local till = redis.call("ZSCORE", KEYS[1], other)
    known[other] = till and tonumber(till) > now or false
  end
  return known[other]
end
local answer = {lives(node) and 0 or 1}
redis.call("ZADD", KEYS[1], now + ARGV[2], node)
for at = 2, #KEYS do
  local first = 4 * at - 4
  local most, holding = tonumber(ARGV[first]), tonumber(ARGV[first + 1])
  local want, ahead = tonumber(ARGV[first + 2]), tonumber(ARGV[first + 3])
  local others, nodes = 0, 1
  local fields = redis.call("HGETALL", KEYS[at])
  for i = 1, #fields, 2 do
    if fields[i] ~= node then
      if lives(fields[i]) then
        others, nodes = others + fields[i + 1], nodes + 1
      else redis.call("HDEL", KEYS[at], fields[i]) end
    end
  end
  local free = math.max(0, most - others - holding)
  local granted = math.min(want, free)
  free = free - granted
  local plenty = want > 0 and free * 2 >= most and 1 or 0
  if plenty == 1 then granted = granted + math.min(ahead, math.floor(free / (4 * nodes))) end
  local has = holding + granted
  if has > 0 then
    redis.call("HSET", KEYS[at], node, has)
    redis.call("PEXPIRE", KEYS[at], ARGV[3])
  else redis.call("HDEL", KEYS[at], node) end
  answer[#answer + 1] = granted
  answer[#answer + 1] = plenty
  answer[#answer + 1] = most > 0 and math.max(0, math.min(has, others + has - most)) or 0
end
return answer`);

export interface SettledCap {
  readonly granted: number;
  readonly mayKeep: boolean;
  readonly over: number;
}

/** What `settleCaps` answers. @throws what is no answer of it */
export function readSettled(
  reply: unknown,
  count: number,
): { readonly wasGone: boolean; readonly caps: readonly SettledCap[] } {
  if (
    !Array.isArray(reply) ||
    reply.length !== 1 + 3 * count ||
    reply.some((each) => typeof each !== "number")
  )
    throw new Error("expected numbers of Redis");
  const [wasGone, ...rest] = reply as number[];
  const caps = Array.from({ length: count }, (_, index) => {
    const [granted = 0, plenty, over = 0] = rest.slice(3 * index, 3 * index + 3);
    return { granted, mayKeep: plenty === 1, over };
  });
  return { wasGone: wasGone === 1, caps };
}

/** KEYS: the leases. ARGV: the node, milliseconds. Answers 1 when it was there until now. */
export const renewCaps = defineRedisScript(`${NOW}
local till = redis.call("ZSCORE", KEYS[1], ARGV[1])
redis.call("ZADD", KEYS[1], now + ARGV[2], ARGV[1])
for _, gone in ipairs(redis.call("ZRANGEBYSCORE", KEYS[1], "-inf", now)) do redis.call("ZREM", KEYS[1], gone) end
return till and tonumber(till) > now and 1 or 0`);

/** KEYS: the leases. ARGV: the node. All that it has is free. */
export const leaveCaps = defineRedisScript(`return redis.call("ZREM", KEYS[1], ARGV[1])`);
