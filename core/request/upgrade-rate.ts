import { hash } from "node:crypto";
import type { RequestContext } from "../../sandbox/contract.ts";
import type { UpgradeRateConfig } from "../config/index.ts";
import type { Soon } from "../leases/caps/soon.ts";
import type { RateLeases } from "../leases/rate-leases.ts";
import { firstHeader } from "../net/headers.ts";
import { clientNetwork } from "../net/networks.ts";
import { ownValue } from "../net/own-value.ts";
import type { Routed } from "./exchange.ts";
import { limitFields } from "./limit-fields.ts";
import { type Refused, refused } from "./refusal.ts";

type Attributes = Readonly<Record<string, unknown>>;

/**
 * Counts an upgrade, once: before the policies are asked, unless it counts by what they say.
 *
 * @param attributes undefined: they have not been asked yet
 */
export function takeUpgrade(
  { config, context }: Pick<Routed, "config" | "context">,
  leases: RateLeases,
  attributes: Attributes | undefined,
): Soon<Refused | undefined> {
  const rate = config.upgradeRate;
  if (rate === false || (rate.key.source === "attribute") !== (attributes !== undefined)) return undefined;
  return takeOf(rate, keyOf(config.name, rate, context, attributes), leases);
}

async function takeOf(
  { upgrades, perMs, burst, key, onStoreLoss }: UpgradeRateConfig,
  whose: string,
  leases: RateLeases,
): Promise<Refused | undefined> {
  const refill = { most: burst, everyMs: perMs / upgrades };
  const of = { space: "upgrades", key: whose, refill };
  // Upgrades can wait for the book: so many come in as there may, and not one more.
  const { granted, waitMs } = await leases.take({ ...of, onStoreLoss }, false);
  if (granted > 0) return undefined;
  const by = [key.source, key.name].filter((part) => part !== "").join(" ");
  return refused(
    "ERR_TOO_MANY_UPGRADES",
    `upgradeRate: more than ${upgrades} in ${perMs} ms by ${by}`,
    limitFields({
      name: "upgrades",
      quota: burst,
      windowMs: burst * refill.everyMs,
      retryAfterSeconds: Math.ceil(waitMs / 1000),
    }),
  );
}

/** Of one length, whatever a client sends, and no secret of its. */
function keyOf(
  route: string,
  rate: UpgradeRateConfig,
  context: RequestContext,
  attributes: Attributes | undefined,
): string {
  const { source, name } = rate.key;
  const found = findValue(rate.key, context, attributes);
  const value =
    found === undefined || found === null
      ? ["address", clientNetwork(context.client.address, rate.ipv6Prefix)]
      : [source, name, found];
  // With the limit, so that another one after a reload begins anew.
  return hash("sha256", JSON.stringify([route, { ...rate, onStoreLoss: undefined }, ...value]), "base64url");
}

/** Undefined or null: by its address. */
function findValue(
  { source, name }: UpgradeRateConfig["key"],
  { request }: RequestContext,
  attributes: Attributes = {},
): unknown {
  switch (source) {
    case "address":
      return undefined;
    case "route":
      return "";
    case "header":
      return firstHeader(request.headers, name);
    case "query":
      return ownValue(request.query, name);
    case "param":
      return ownValue(request.params, name);
    case "attribute":
      return ownValue(attributes, name);
  }
}
