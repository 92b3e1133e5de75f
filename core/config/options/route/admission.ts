import { z } from "zod";
import type { OnStoreLoss } from "../../../../sandbox/rates/claim.ts";
import { type OriginsAround, originsOption, resolveOrigins } from "../origins.ts";
import { choice, flag, section, text, whole } from "../schema-parts.ts";
import { limitedDuration } from "../units.ts";
import { resolveUpgradeRate, type UpgradeRateConfig, upgradeRateOption } from "./upgrade-rate.ts";

/** Who may connect, before any policy is asked. Plain JSON. */
export interface Admission {
  /** `allow` undefined: as the listener has it. */
  readonly origins: { readonly allow?: readonly string[]; readonly isRequired: boolean };
  readonly subprotocols: {
    /** Undefined: all. */
    readonly allow?: readonly string[];
    readonly isRequired: boolean;
    readonly prefer: readonly string[];
  };
  readonly connections: ConnectionLimits;
  /** False: no limit. */
  readonly upgradeRate: UpgradeRateConfig | false;
}

/** 0: unlimited. */
export interface ConnectionLimits {
  readonly route: number;
  readonly perAddress: number;
  readonly perKey: number;
  readonly key: { readonly from: "header" | "query" | "param" | "attribute"; readonly name: string };
  readonly retryAfterSeconds: number;
  readonly onStoreLoss: OnStoreLoss;
}

const ANY_TOKEN = 'a subprotocol such as "chat.v2"';
const token = text(ANY_TOKEN).regex(/^[\w!#$%&'*+.^`|~-]+$/, { error: ANY_TOKEN });
const tokens = z.array(token, { error: "a list of subprotocols" });
const count = whole(0, 1e9, "a whole number of connections, or 0 for unlimited");
const ANY_KEY = 'a key such as "header:x-tenant", "query:user", "param:room" or "attribute:user"';

export const admission = {
  origins: originsOption
    .optional()
    .describe(
      'Origins whose pages may connect: exact, with "*." before a host or ":*" behind it, "same" for the host that is asked, "null", or "*" for all; others get 403. Or the name of a profile of `originProfiles`. Default: the listener\'s.',
    ),
  originRequired: flag()
    .prefault(false)
    .describe("Refuse a request without an Origin header too: what is no browser."),
  subprotocols: section(
    "SubprotocolsInput",
    {
      allow: tokens
        .optional()
        .describe(
          "Subprotocols that are offered to the server; of what the client offers, others are left out. Default: all.",
        ),
      required: flag()
        .prefault(false)
        .describe("Refuse a client that offers none of the allowed ones, with 400."),
      prefer: tokens
        .prefault([])
        .describe(
          "Subprotocols that are offered to the server before the others, in this order. Default: as the client orders them.",
        ),
    },
    "an object such as { allow, required, prefer }",
  )
    .prefault({})
    .describe("Which of the subprotocols that a client offers the server hears of."),
  connections: section(
    "ConnectionsInput",
    {
      route: count.prefault(0).describe("Most connections of the route, over all workers; 0: unlimited."),
      perAddress: count
        .prefault(0)
        .describe("Most connections of one client address to the route, over all workers; 0: unlimited."),
      perKey: count
        .prefault(0)
        .describe("Most connections of one value of `key` to the route, over all workers; 0: unlimited."),
      key: text(ANY_KEY)
        .regex(/^(header|query|param|attribute):./, { error: ANY_KEY })
        .prefault("header:authorization")
        .describe(
          'What `perKey` counts by: a header, a query parameter, a parameter of the path or an attribute, such as "header:x-tenant" or "attribute:user"; a connection without it is not counted.',
        ),
      retryAfter: limitedDuration()
        .prefault("1s")
        .describe("What Retry-After says to a client that is refused."),
      onStoreLoss: choice(["local", "closed", "open"])
        .prefault("local")
        .describe(
          "While the Redis of the `cluster` cannot be asked: this machine's share of each limit, no more connections, or as many as like to.",
        ),
    },
    "an object such as { route, perAddress }",
  )
    .prefault({})
    .describe("How many connections may be open at once; one more gets 429."),
  upgradeRate: upgradeRateOption
    .optional()
    .describe(
      "How many upgrades may come in a time, over all workers; one more gets 429. Default: the config's own `upgradeRate`.",
    ),
};

type Parsed = z.output<z.ZodObject<typeof admission>>;

/** What a route takes from the config around it. */
export interface AdmissionAround extends OriginsAround {
  readonly upgradeRate: UpgradeRateConfig | false;
}

/** @param place of the route, for problems */
export function resolveAdmission(
  { origins, originRequired, subprotocols, connections, upgradeRate }: Parsed,
  place: string,
  around: AdmissionAround,
): Admission {
  const colon = connections.key.indexOf(":");
  const from = connections.key.slice(0, colon) as ConnectionLimits["key"]["from"];
  const name = connections.key.slice(colon + 1);
  return {
    origins: {
      ...(origins !== undefined && { allow: resolveOrigins(origins, `${place}.origins`, around) }),
      isRequired: originRequired,
    },
    subprotocols: {
      ...(subprotocols.allow !== undefined && { allow: subprotocols.allow }),
      isRequired: subprotocols.required,
      prefer: subprotocols.prefer,
    },
    connections: {
      route: connections.route,
      perAddress: connections.perAddress,
      perKey: connections.perKey,
      key: { from, name: from === "header" ? name.toLowerCase() : name },
      retryAfterSeconds: Math.ceil(connections.retryAfter / 1000),
      onStoreLoss: connections.onStoreLoss,
    },
    upgradeRate: upgradeRate === undefined ? around.upgradeRate : resolveUpgradeRate(upgradeRate),
  };
}
