import { createHash } from "node:crypto";
import type { RedisReply } from "./connection.ts";
import { isReply } from "./errors.ts";
import type { Topology } from "./topology.ts";

/** Lua, which a server carries out at once, with nothing in between. */
export interface RedisScript {
  readonly text: string;
  readonly sha: string;
}

/** What a script is to touch: with several keys they share one hash tag, so that one node of a cluster has them all. */
export interface ScriptInput {
  readonly keys: readonly [string, ...string[]];
  readonly args?: readonly (string | number)[];
}

export function defineRedisScript(text: string): RedisScript {
  return { text, sha: createHash("sha1").update(text).digest("hex") };
}

/** Sends the digest only; a server that does not know it has done nothing, gets the text, and knows it from then on. */
export async function runRedisScript(
  topology: Topology,
  { text, sha }: RedisScript,
  { keys, args = [] }: ScriptInput,
): Promise<RedisReply> {
  const rest = [String(keys.length), ...keys, ...args.map(String)];
  try {
    return await topology.send(["EVALSHA", sha, ...rest], keys[0]);
  } catch (error) {
    if (!isReply(error, "NOSCRIPT")) throw error;
    return topology.send(["EVAL", text, ...rest], keys[0]);
  }
}
