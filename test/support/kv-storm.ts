import { setTimeout as delay } from "node:timers/promises";
import type { ExecutionContext } from "ava";
import type { KvStore } from "../../sandbox/index.ts";

export interface KvStorm {
  /** Those that have been counted up to now, and those that have failed. */
  counts(): { readonly counted: number; readonly failed: number };
  /** Ends it, when all calls have settled, and looks at what was counted. */
  stop(): Promise<StormResult>;
}

export interface StormResult {
  readonly counted: number;
  /** What failed calls said. */
  readonly errors: ReadonlySet<string>;
  /** Keys that were counted, and that are not there. */
  readonly forgotten: number;
  /** Keys that were counted more than once. */
  readonly twice: number;
}

const AT_ONCE = 20;
let storms = 0;

/** Calls without end: each counts a key of its own up by one, so that whatever is carried out twice shows. */
export function startKvStorm(t: Pick<ExecutionContext, "teardown">, kv: KvStore): KvStorm {
  const name = `storm-${process.pid}-${++storms}`;
  const counted = new Set<string>();
  const failed = new Set<string>();
  const errors = new Set<string>();
  let isOver = false;
  const running = run();
  t.teardown(() => {
    isOver = true;
  });

  async function run(): Promise<void> {
    for (let round = 0; !isOver; round++) {
      const keys = Array.from({ length: AT_ONCE }, (_, i) => `${name}:${round}:${i}`);
      await Promise.all([delay(5), ...keys.map(count)]);
    }
  }

  async function count(key: string): Promise<void> {
    try {
      await kv.increment(key, 1);
      counted.add(key);
    } catch (error) {
      failed.add(key);
      errors.add(String(error));
    }
  }

  return {
    counts: () => ({ counted: counted.size, failed: failed.size }),
    async stop() {
      isOver = true;
      await running;
      let [forgotten, twice] = [0, 0];
      for (const key of [...counted, ...failed]) {
        const value = await kv.get(key);
        if (value === null && counted.has(key)) forgotten++;
        if (value !== null && value !== "1") twice++;
      }
      return { counted: counted.size, errors, forgotten, twice };
    },
  };
}
