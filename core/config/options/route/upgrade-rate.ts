import { z } from "zod";
import type { OnStoreLoss } from "../../../../sandbox/rates/claim.ts";
import { choice, section, whole } from "../schema-parts.ts";
import { limitedDuration } from "../units.ts";

/** How many upgrades may come, and whose are counted together. Plain JSON. */
export interface UpgradeRateConfig {
  readonly upgrades: number;
  readonly perMs: number;
  readonly burst: number;
  readonly key: {
    readonly source: "address" | "route" | "header" | "query" | "param" | "attribute";
    /** Of the header, in lower case, of the parameter or the attribute. */
    readonly name: string;
  };
  readonly onStoreLoss: OnStoreLoss;
  /** So many bits of an IPv6 address are the client. */
  readonly ipv6Prefix: number;
}

const UPGRADES_TEXT = "a whole number of upgrades, at least 1";
const KEY_TEXT = '"address", "route", "header:NAME", "query:NAME", "param:NAME" or "attribute:NAME"';
const PREFIX_TEXT = "a whole number of bits from 1 to 128";
const RATE_TEXT = 'an object such as { upgrades: 20, per: "1s" }, or false for no limit';

const upgradeRateSchema = section(
  "UpgradeRateInput",
  {
    upgrades: whole(1, 1_000_000_000, UPGRADES_TEXT).describe("Upgrades within `per`."),
    per: limitedDuration().prefault("1s").describe("The time in which so many may come."),
    burst: whole(1, 1_000_000_000, UPGRADES_TEXT)
      .optional()
      .describe("How many may come at once, after a time without any. Default: as many as `upgrades`."),
    key: z
      .string({ error: KEY_TEXT })
      .regex(/^(address|route|header:[\w!#$%&'*+.^`|~-]+|(query|param|attribute):.+)$/, { error: KEY_TEXT })
      .prefault("address")
      .describe(
        `Whose upgrades count together: ${KEY_TEXT}; "route" counts all of the route. One that lacks what is named counts by its address.`,
      ),
    ipv6Prefix: whole(1, 128, PREFIX_TEXT)
      .prefault(64)
      .describe(
        "How many bits of an IPv6 address are the client: who has one address of a /64 has them all.",
      ),
    onStoreLoss: choice(["local", "closed", "open"])
      .prefault("local")
      .describe(
        "While the Redis of the `cluster` cannot be asked: this machine's share of the limit, no upgrade, or as many as like to.",
      ),
  },
  RATE_TEXT,
);

export const upgradeRateOption = z.union([z.literal(false, { error: RATE_TEXT }), upgradeRateSchema], {
  error: RATE_TEXT,
});

export function resolveUpgradeRate(parsed: z.output<typeof upgradeRateOption>): UpgradeRateConfig | false {
  if (parsed === false) return false;
  const { upgrades, per, burst = upgrades, key, ipv6Prefix, onStoreLoss } = parsed;
  const [source, ...rest] = key.split(":") as [UpgradeRateConfig["key"]["source"], ...string[]];
  const name = rest.join(":");
  return {
    ...{ upgrades, perMs: per, burst, ipv6Prefix, onStoreLoss },
    key: { source, name: source === "header" ? name.toLowerCase() : name },
  };
}
