import { parseRedisUrl } from "../../../../sandbox/redis/place.ts";
import { text } from "../schema-parts.ts";

const URL_TEXT =
  'a URL such as "redis://host:6379/0", "rediss://user:password@host", "unix:///run/redis.sock", "redis+sentinel://host1,host2,host3/primary-name" or "redis+cluster://host1,host2"';

export function redisUrl() {
  return text(URL_TEXT).refine((url) => parseRedisUrl(url) !== undefined, { error: URL_TEXT });
}
