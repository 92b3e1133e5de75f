import type { ExecutionContext } from "ava";
import { createFleetRates } from "../../../core/fleet/rates/fleet-rates.ts";
import type { AskBook, RedisLink } from "../../../sandbox/index.ts";

/** Of a fleet, over this link. */
export function ratesOver(link: RedisLink): AskBook {
  return createFleetRates({
    store: { script: link.script, key: (tag, ...rest) => ["framegate", `{${tag}}`, ...rest].join(":") },
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
