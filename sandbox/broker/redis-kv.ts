import type { RedisReply } from "../redis/connection.ts";
import { RedisError } from "../redis/errors.ts";
import type { RedisLink } from "../redis/link.ts";
import { defineRedisScript } from "../redis/script.ts";
import { CapabilityError } from "./errors.ts";
import type { KvStore } from "./kv-store.ts";
import { notACount } from "./memory-kv.ts";

/** Sums up in the server's own 64-bit integers, within what a number of JavaScript holds exactly. */
const INCREMENT = `
local old = redis.call("GET", KEYS[1])
if old and not string.match(old, "^%-?%d+$") then return redis.error_reply("NOTACOUNT") end
local sum = redis.call("INCRBY", KEYS[1], ARGV[1])
if sum > 9007199254740991 or sum < -9007199254740991 then
  redis.call("DECRBY", KEYS[1], ARGV[1])
  return redis.error_reply("NOTACOUNT")
end
if not old and ARGV[2] ~= "" then redis.call("PEXPIRE", KEYS[1], ARGV[2]) end
return sum`;

/** ARGV: whether something is expected, what; whether something is set, what, and for how long. */
const COMPARE_AND_SET = `
local old = redis.call("GET", KEYS[1])
if ARGV[1] == "1" then
  if old ~= ARGV[2] then return 0 end
elseif old then return 0 end
if ARGV[3] == "0" then redis.call("DEL", KEYS[1])
elseif ARGV[5] ~= "" then redis.call("SET", KEYS[1], ARGV[4], "PX", ARGV[5])
else redis.call("SET", KEYS[1], ARGV[4]) end
return 1`;

const increment = defineRedisScript(INCREMENT);
const compareAndSet = defineRedisScript(COMPARE_AND_SET);

export interface RedisKvOptions {
  /** What keys begin with. */
  readonly prefix: string;
  close(): Promise<void>;
}

export function createRedisKv(
  link: Pick<RedisLink, "run" | "script">,
  { prefix, close }: RedisKvOptions,
): KvStore {
  async function get(key: string): Promise<string | null> {
    const value = await tell(link.run(["GET", prefix + key]));
    return typeof value === "string" ? value : null;
  }

  return {
    get,
    async set(key, value, expiresMs) {
      const expiry = expiresMs === undefined ? [] : ["PX", String(expiresMs)];
      await tell(link.run(["SET", prefix + key, value, ...expiry]));
    },
    async increment(key, by, expiresMs) {
      return Number(
        await tell(link.script(increment, { keys: [prefix + key], args: [by, expiresMs ?? ""] })),
      );
    },
    async compareAndSet(key, expected, value, expiresMs) {
      const args = [
        expected === null ? 0 : 1,
        expected ?? "",
        value === null ? 0 : 1,
        value ?? "",
        expiresMs ?? "",
      ];
      return (await tell(link.script(compareAndSet, { keys: [prefix + key], args }))) === 1;
    },
    async delete(key) {
      return (await tell(link.run(["DEL", prefix + key]))) === 1;
    },
    close,
  };
}

/** In words that a policy may read. */
async function tell(reply: Promise<RedisReply>): Promise<RedisReply> {
  try {
    return await reply;
  } catch (error) {
    if (!(error instanceof RedisError)) throw error;
    throw capabilityError(error);
  }
}

function capabilityError(error: RedisError): CapabilityError {
  const { code, message } = error;
  switch (code) {
    case "ERR_REDIS_LOST":
      return new CapabilityError("Error", "kv: no connection to Redis", { cause: error });
    case "ERR_REDIS_BUSY":
      return new CapabilityError("Error", "kv: too many calls wait for Redis", { cause: error });
    case "ERR_REDIS_FULL":
      return new CapabilityError("RangeError", "kv is full: Redis has no memory left (its maxmemory)", {
        cause: error,
      });
    case "ERR_REDIS_REFUSED":
      if (message.includes("NOTACOUNT") || message.includes("overflow")) return notACount();
      return new CapabilityError("Error", `kv: Redis refused it: ${message}`, { cause: error });
  }
}
