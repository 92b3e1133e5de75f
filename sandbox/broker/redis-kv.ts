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

const PREFIX = "framegate:kv:";
const CONNECT_TIMEOUT_MS = 2000;
const MAX_RETRY_MS = 2000;
const MAX_QUEUE = 16_384;

export interface RedisKvOptions {
  /** Once for each time that the connection is lost. */
  onProblem(message: string): void;
}

/** Connects in the background, and again when the connection is lost; meanwhile calls fail at once. */
export async function createRedisKv(url: string, { onProblem }: RedisKvOptions): Promise<KvStore> {
  // Nearly 500 files, which a process without Redis need not load.
  const { createClient } = await import("@redis/client");
  let isDown = false;
  const client = createClient({
    url,
    disableOfflineQueue: false,
    commandsQueueMaxLength: MAX_QUEUE,
    socket: {
      connectTimeout: CONNECT_TIMEOUT_MS,
      reconnectStrategy: (retries) => Math.min(50 * 2 ** Math.min(retries, 8), MAX_RETRY_MS),
    },
  });
  client.on("error", (error: Error) => {
    if (isDown) return;
    isDown = true;
    onProblem(`kv: no connection to Redis: ${withoutUrl(error.message)}`);
  });
  client.on("ready", () => {
    isDown = false;
  });
  const connected = client.connect().catch(() => {});

  async function run<T>(command: () => Promise<T>): Promise<T> {
    if (isDown) throw unreachable();
    try {
      return await command();
    } catch (error) {
      const { message } = error as Error;
      if (message.includes("NOTACOUNT") || message.includes("overflow")) throw notACount();
      throw isDown || !client.isReady
        ? unreachable(error)
        : new CapabilityError("Error", `kv: Redis refused it: ${withoutUrl(message).slice(0, 200)}`, {
            cause: error,
          });
    }
  }

  return {
    get: (key) => run(() => client.get(PREFIX + key)),
    async set(key, value, expiresMs) {
      const expiry = expiresMs === undefined ? {} : { expiration: { type: "PX" as const, value: expiresMs } };
      await run(() => client.set(PREFIX + key, value, expiry));
    },
    increment: (key, by, expiresMs) =>
      run(async () =>
        Number(
          await client.eval(INCREMENT, {
            keys: [PREFIX + key],
            arguments: [String(by), expiresMs === undefined ? "" : String(expiresMs)],
          }),
        ),
      ),
    compareAndSet: (key, expected, value, expiresMs) =>
      run(async () => {
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
    delete: (key) => run(async () => (await client.del(PREFIX + key)) === 1),
    async close() {
      client.destroy();
      await connected;
    },
  };
}

function unreachable(cause?: unknown): CapabilityError {
  return new CapabilityError("Error", "kv: no connection to Redis", { cause });
}

/** A URL may hold a password. */
function withoutUrl(message: string): string {
  return message.replaceAll(/rediss?:\/\/\S+/g, "(url)");
}
