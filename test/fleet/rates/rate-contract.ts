import type { ExecutionContext } from "ava";
import { createFleetLevels } from "../../../core/fleet/rates/fleet-levels.ts";
import { createFleetRates } from "../../../core/fleet/rates/fleet-rates.ts";
import type { FleetStore } from "../../../core/fleet/store.ts";
import type { Settle } from "../../../core/leases/settled/account.ts";
import type { AskBook, RedisLink } from "../../../sandbox/index.ts";

const storeOver = ({ script }: RedisLink): Pick<FleetStore, "script" | "key"> => ({
  script,
  key: (tag, ...rest) => ["framegate", `{${tag}}`, ...rest].join(":"),
});

/** Of a fleet, over this link. */
export function ratesOver(link: RedisLink): AskBook {
  return createFleetRates({
    store: storeOver(link),
    nodes: () => 1,
    onLost() {},
    onBack() {},
  }).ask;
}

/** What every book of rates does, wherever it is kept; nothing fills while it is asked. */
export async function testRateContract(t: ExecutionContext, ask: AskBook): Promise<void> {
  const refill = { most: 8, everyMs: 600_000 };
  const of = { space: "s", refill, onStoreLoss: "closed" } as const;
  const claim = async (count: number, ahead = 0, key = "a") => (await ask([{ ...of, key, count, ahead }]))[0];
  t.deepEqual(await claim(3), { granted: 3, left: 5, waitMs: 0 });
  t.like(await claim(1, 10), { granted: 3, left: 2 }, "half of what is beyond it goes ahead");
  t.like(await claim(-2), { granted: 0, left: 4 }, "given back");
  const short = await claim(6, 5);
  t.like(short, { granted: 4, left: 0 }, "what there is, and nothing ahead");
  t.true((short?.waitMs ?? 0) > 500_000 && (short?.waitMs ?? 0) <= 600_000);
  t.like(await claim(1), { granted: 0, left: 0 });
  t.like(await claim(0, 4), { granted: 0 });
  await claim(-100);
  t.like(await claim(8, 1), { granted: 8, left: 0 }, "never more than full");
  const many = await ask(
    Array.from({ length: 40 }, (_, n) => ({ ...of, key: `${n % 20}`, count: 5, ahead: 0 })),
  );
  t.deepEqual(
    many.map(({ granted }) => granted),
    [...Array(20).fill(5), ...Array(20).fill(3)],
    "keys by themselves, in their order",
  );
}

/** Of a fleet, over this link. */
export const levelsOver = (link: RedisLink): Settle => createFleetLevels(storeOver(link)).settle;

/** What every book of shared buckets does, wherever it is kept; next to nothing fills while it is asked. */
export async function testLevelContract(t: ExecutionContext, settle: Settle): Promise<void> {
  const limit = { messages: 10, bytes: 1_000, perMs: 3_600_000 };
  const tell = async (messages: number, bytes: number, key = "a", of = limit) => {
    const [level] = await settle([{ key, limit: of, messages, bytes }]);
    return [level?.messages, level?.bytes].map((count) => Math.round((count ?? Number.NaN) * 10) / 10);
  };
  t.deepEqual(await tell(3, 200), [7, 800]);
  t.deepEqual(await tell(0, 900), [7, -100], "what was let in counts, whether or not it was there");
  t.deepEqual(await tell(1, 0, "b"), [9, 1_000], "each key by itself");
  t.deepEqual(await tell(50, 0), [-43, -100]);
  t.deepEqual(await tell(5_000, 0), [-1_000, -100], "a hundred buckets at most");
  t.deepEqual((await tell(1, 7, "c", { ...limit, bytes: 0 }))[0], 9, "without a limit of bytes");
}
