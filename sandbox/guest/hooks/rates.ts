import { ASK_KIND, type WireRate } from "../../wire/ask-texts.ts";
import type { Asks } from "../asks.ts";

/** `rates` of the hooks' contexts. */
export function createRates(asks: Asks): object {
  return {
    async take(key: unknown, rate: unknown): Promise<unknown> {
      if (typeof key !== "string" || key === "")
        throw new TypeError("rates.take: expected the key to be a string, and not empty");
      const text = JSON.stringify({ key, ...readRate(rate) } satisfies WireRate);
      const { answer } = asks.ask("rates.take", ASK_KIND.rate, text);
      return JSON.parse((await answer).text);
    },
  };
}

function readRate(rate: unknown): Omit<WireRate, "key"> {
  if (typeof rate !== "object" || rate === null)
    throw new TypeError("rates.take: expected a rate such as { limit: 20, per: 1000 }");
  const { limit, per, burst, onStoreLoss = "local" } = rate as Readonly<Record<string, unknown>>;
  const most = burst ?? (typeof limit === "number" ? Math.max(1, Math.floor(limit)) : 1);
  // What these may be is checked outside, where what they say is done.
  return {
    limit: limit as number,
    per: per as number,
    burst: most as number,
    onStoreLoss: onStoreLoss as WireRate["onStoreLoss"],
  };
}
