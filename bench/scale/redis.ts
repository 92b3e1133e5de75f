import { argsOf, leaseRate, readLease } from "../../core/fleet/rates/rate-script.ts";
import { openRedisLink } from "../../sandbox/index.ts";
import { startRedis } from "../../test/support/servers/redis.ts";

export interface RedisRun {
  /** Leases a second of one Redis, of which many are asked at once. */
  readonly perSecond: number;
  /** Median milliseconds of one that is asked alone. */
  readonly aloneMs: number;
}

const TIMES = 100_000;
const AT_ONCE = 200;

/** A real Redis of one thread, on a socket of this machine; each lease of another key. */
export async function measureRedis(): Promise<RedisRun> {
  const redis = await startRedis();
  const link = openRedisLink({ url: redis.url, onLost() {}, onBack() {} });
  const lease = async (index: number) => {
    const claim = { space: "", key: "", onStoreLoss: "local", refill: { most: 100, everyMs: 1 } } as const;
    const keys = [`{${index % 10_000}}`] as const;
    readLease(await link.script(leaseRate, { keys, args: argsOf({ ...claim, count: 1, ahead: 10 }) }));
  };
  try {
    for (let i = 0; i < 1000; i++) await lease(i).catch(() => {});
    const alone: number[] = [];
    for (let i = 0; i < 1000; i++) {
      const before = performance.now();
      await lease(i);
      alone.push(performance.now() - before);
    }
    const began = performance.now();
    let next = 0;
    const ask = async (): Promise<void> => {
      while (next < TIMES) await lease(next++);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, ask));
    const perSecond = TIMES / ((performance.now() - began) / 1000);
    return { perSecond, aloneMs: alone.sort((a, b) => a - b)[500] as number };
  } finally {
    await link.close();
    redis.stop();
  }
}
