import type { LookupAddress } from "node:dns";
import test from "ava";
import { createDnsCache } from "../../../core/upstream/dial/dns-cache.ts";

function start(addresses: () => readonly string[] | Error, maxAgeMs = 100) {
  const clock = { at: 1_000 };
  const asked: string[] = [];
  const lookup = createDnsCache(
    maxAgeMs,
    () => clock.at,
    async (host): Promise<LookupAddress[]> => {
      asked.push(host);
      const found = addresses();
      if (found instanceof Error) throw found;
      return found.map((address) => ({ address, family: 4 }));
    },
  );
  const ask = (host = "orders.internal"): Promise<string[]> =>
    new Promise((resolve, reject) => {
      lookup(host, { all: true }, (error, found) => {
        if (error === null) resolve((found as LookupAddress[]).map(({ address }) => address));
        else reject(error);
      });
    });
  return { clock, asked, ask, lookup };
}

test("a name is asked for once until its age, and then again", async (t) => {
  let addresses = ["10.0.0.1"];
  const { clock, asked, ask } = start(() => addresses);
  t.deepEqual(await Promise.all([ask(), ask()]), [["10.0.0.1"], ["10.0.0.1"]]);
  addresses = ["10.0.0.2"];
  clock.at += 99;
  t.deepEqual(await ask(), ["10.0.0.1"]);
  t.is(asked.length, 1);
  clock.at += 1;
  t.deepEqual(await ask(), ["10.0.0.2"]);
  t.is(asked.length, 2);
});

test("each connection begins with the next address and has all of them", async (t) => {
  const { ask } = start(() => ["a", "b", "c"]);
  t.deepEqual(await Promise.all([ask(), ask(), ask(), ask()]), [
    ["a", "b", "c"],
    ["b", "c", "a"],
    ["c", "a", "b"],
    ["a", "b", "c"],
  ]);
});

test("one address for who wants one", async (t) => {
  const { lookup } = start(() => ["10.0.0.1", "10.0.0.2"]);
  const first = await new Promise((resolve) =>
    lookup("a", {}, (_error, address, family) => resolve({ address, family })),
  );
  t.deepEqual(first, { address: "10.0.0.1", family: 4 });
});

test("a failure is not kept, and no address older than the age stands in for it", async (t) => {
  let isDown = false;
  const { clock, ask, asked } = start(() => (isDown ? new Error("no answer") : ["10.0.0.1"]));
  await ask();
  isDown = true;
  clock.at += 100;
  await t.throwsAsync(ask(), { message: "no answer" });
  isDown = false;
  t.deepEqual(await ask(), ["10.0.0.1"]);
  t.is(asked.length, 3);
});

test("a max age of 0 asks each time", async (t) => {
  const { ask, asked } = start(() => ["10.0.0.1"], 0);
  await ask();
  await ask();
  t.is(asked.length, 2);
});
