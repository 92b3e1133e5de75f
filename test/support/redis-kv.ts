import { readFile } from "node:fs/promises";
import { createRedisKv, type KvStore, openRedisLink, type RedisLinkOptions } from "../../sandbox/index.ts";
import { eventually } from "./eventually.ts";

/** A busy machine may not connect within the time of the first attempt, and calls fail until the next one. */
export async function openRedisKv(options: Omit<RedisLinkOptions, "onLost" | "onBack">): Promise<KvStore> {
  const link = openRedisLink({ ...options, onLost: () => {}, onBack: () => {} });
  await eventually("Redis can be had", () => link.isUp());
  return createRedisKv(link, { prefix: "framegate:kv:", close: link.close });
}

/** The lines of docs/fleet.md for a server's configuration: of Redis, and of sentinels. */
export async function readRights(password: string): Promise<readonly [redis: string, sentinel: string]> {
  const text = await readFile(new URL("../../docs/fleet.md", import.meta.url), "utf8");
  const [redis = "", sentinel = ""] = [...text.matchAll(/^user framegate .*$/gm)].map(([line]) => line);
  return [redis.replace(">password", `>${password}`), sentinel.replace(">password", `>${password}`)];
}
