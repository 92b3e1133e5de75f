import test, { type ExecutionContext } from "ava";
import type { KvStore } from "../../../sandbox/index.ts";
import { eventually } from "../../support/eventually.ts";

export interface KvDriver {
  readonly name: string;
  /** False: there is nothing to open here. */
  readonly isThere?: () => boolean;
  open(): KvStore | Promise<KvStore>;
  /** Whether what one store counts another one sees. */
  readonly isShared: boolean;
}

type Contract = (t: ExecutionContext, kv: KvStore, key: (name: string) => string) => Promise<void>;

/** What every `kv` does, wherever its values are. */
export function testKvContract({ name, isThere = () => true, open, isShared }: KvDriver): void {
  let last = 0;
  const contract = (title: string, run: Contract) =>
    test(`kv in ${name}: ${title}`, async (t) => {
      if (!isThere()) {
        t.pass();
        return;
      }
      const kv = await open();
      t.teardown(() => kv.close());
      await run(t, kv, (key) => `${++last}:${key}`);
    });

  contract("get, set and delete", async (t, kv, key) => {
    const a = key("a");
    t.is(await kv.get(a), null);
    await kv.set(a, '"é\\u0000"');
    t.is(await kv.get(a), '"é\\u0000"');
    await kv.set(a, "2");
    t.is(await kv.get(a), "2");
    t.true(await kv.delete(a));
    t.false(await kv.delete(a));
    t.is(await kv.get(a), null);
  });

  contract("a value expires, and a new one without expiry stays", async (t, kv, key) => {
    const [a, b] = [key("a"), key("b")];
    await kv.set(a, "1", 20);
    await kv.set(b, "1", 20);
    await kv.set(b, "2");
    await gone(kv, a);
    t.is(await kv.get(b), "2");
  });

  contract("increment counts from 0, and the first one's expiry counts", async (t, kv, key) => {
    const a = key("a");
    t.is(await kv.increment(a, 1, 60_000), 1);
    t.is(await kv.increment(a, -3), -2);
    t.is(await kv.get(a), "-2");
    // On a busy machine the first one's time may be over before the second: then that is a first one, and stays.
    const b = await eventually("a second one within the first one's time", async () => {
      const tried = key("b");
      t.is(await kv.increment(tried, 1, 20), 1);
      return (await kv.increment(tried, 1, 60_000)) === 2 && tried;
    });
    await gone(kv, b);
    t.is(await kv.increment(b, 1), 1);
  });

  contract("increment refuses what is no whole number", async (t, kv, key) => {
    const a = key("a");
    for (const value of ['"1"', "1.5", "{}", "9007199254740991"]) {
      await kv.set(a, value);
      await t.throwsAsync(kv.increment(a, 1), { message: /not a whole number, or becomes too large/ });
      t.is(await kv.get(a), value);
    }
  });

  contract("of increments at once none is lost", async (t, kv, key) => {
    const other = await open();
    t.teardown(() => other.close());
    const stores = isShared ? [kv, other] : [kv];
    const a = key("a");
    const sums = await Promise.all(
      Array.from({ length: 200 }, (_, i) => (stores[i % stores.length] as KvStore).increment(a, 1)),
    );
    t.deepEqual(
      sums.sort((x, y) => x - y),
      Array.from({ length: 200 }, (_, i) => i + 1),
    );
  });

  contract("compareAndSet sets only what is expected", async (t, kv, key) => {
    const a = key("a");
    t.false(await kv.compareAndSet(a, "1", "2"));
    t.true(await kv.compareAndSet(a, null, "1"));
    t.false(await kv.compareAndSet(a, null, "2"));
    t.true(await kv.compareAndSet(a, "1", "2", 60_000));
    t.is(await kv.get(a), "2");
    t.true(await kv.compareAndSet(a, "2", null));
    t.is(await kv.get(a), null);
    t.true(await kv.compareAndSet(a, null, null));
    t.true(await kv.compareAndSet(a, null, "3", 20));
    await gone(kv, a);
  });

  contract("of those who compare and set at once one wins", async (t, kv, key) => {
    const a = key("a");
    await kv.set(a, "0");
    const wins = await Promise.all(
      Array.from({ length: 50 }, (_, i) => kv.compareAndSet(a, "0", String(i + 1))),
    );
    t.is(wins.filter(Boolean).length, 1);
  });
}

async function gone(kv: KvStore, key: string): Promise<void> {
  await eventually(`${key} is gone`, async () => (await kv.get(key)) === null);
}
