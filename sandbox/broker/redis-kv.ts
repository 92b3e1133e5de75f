import type { RedisClientType } from "@redis/client";
import { CapabilityError } from "./errors.ts";
import type { KvStore } from "./kv-store.ts";
import { notACount } from "./memory-kv.ts";
import { openRedisLink, type RedisLinkOptions, withoutUrl } from "./redis-link.ts";

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

const PREFIX = "framegate:kv:";

/** Connects in the background, and again when the connection is lost; meanwhile calls fail at once. */
export async function createRedisKv(url: string, options: RedisLinkOptions): Promise<KvStore> {
  const link = await openRedisLink(url, options);

  async function run<T>(command: (client: RedisClientType) => Promise<T>): Promise<T> {
    try {
      return await link.run(command);
    } catch (error) {
      if (error instanceof CapabilityError) throw error;
      const { message } = error as Error;
      if (message.includes("NOTACOUNT") || message.includes("overflow")) throw notACount();
      throw new CapabilityError("Error", `kv: Redis refused it: ${withoutUrl(message).slice(0, 200)}`, {
        cause: error,
      });
    }
  }

  return {
    get: (key) => run((client) => client.get(PREFIX + key)),
    async set(key, value, expiresMs) {
      const expiry = expiresMs === undefined ? {} : { expiration: { type: "PX" as const, value: expiresMs } };
      await run((client) => client.set(PREFIX + key, value, expiry));
    },
    increment: (key, by, expiresMs) =>
      run(async (client) =>
        Number(
          await client.eval(INCREMENT, {
            keys: [PREFIX + key],
            arguments: [String(by), expiresMs === undefined ? "" : String(expiresMs)],
          }),
        ),
      ),
    compareAndSet: (key, expected, value, expiresMs) =>
      run(async (client) => {
        const set = await client.eval(COMPARE_AND_SET, {
          keys: [PREFIX + key],
          arguments: [
            expected === null ? "0" : "1",
            expected ?? "",
            value === null ? "0" : "1",
            value ?? "",
            expiresMs === undefined ? "" : String(expiresMs),
          ],
        });
        return set === 1;
      }),
    delete: (key) => run(async (client) => (await client.del(PREFIX + key)) === 1),
    close: link.close,
  };
}
