import { setTimeout as delay } from "node:timers/promises";
import { createRedisKv, openRedisLink } from "../../sandbox/index.ts";

/** A process that counts by the Redis of its argument, again and again, and says a line for each change of what becomes of it. */
const [url = ""] = process.argv.slice(2);
const link = openRedisLink({
  url,
  onLost: (reason) => console.log(`lost: ${reason}`),
  onBack: () => console.log("back"),
});
const kv = createRedisKv(link, { prefix: "framegate:kv:", close: link.close });
let last = "";
for (;;) {
  const now = await kv.increment("count", 1).then(
    () => "counts",
    (error: Error) => `fails: ${error.message}`,
  );
  if (now !== last) console.log(now);
  last = now;
  await delay(20);
}
