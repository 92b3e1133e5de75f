import type { Upgrade } from "framegate/policy";
import { isWithin, parseAddress, parseRange } from "./lib/addresses.ts";
import { perOptions } from "./lib/per-options.ts";
import { forbidden } from "./lib/refusals.ts";

/** Lets in by the address of the client. */
interface Options {
  readonly allow?: readonly string[];
  readonly deny: readonly string[];
}

const RANGES = {
  type: "array",
  items: {
    type: "string",
    // What it lets through and is none makes the hook throw, which lets nobody in.
    pattern:
      "^((\\d{1,3}\\.){3}\\d{1,3}(/([12]?\\d|3[0-2]))?|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*(/(\\d\\d?|1[01]\\d|12[0-8]))?)$",
  },
};

export const optionsSchema = {
  type: "object",
  properties: {
    allow: {
      ...RANGES,
      minItems: 1,
      description:
        "Who may connect: addresses and ranges, such as `10.0.0.0/8` or `2001:db8::/32`. Without it, everybody whom `deny` does not name.",
    },
    deny: { ...RANGES, default: [], description: "Who may not, also where `allow` names them." },
  },
  additionalProperties: false,
};

const rangesOf = perOptions(({ allow, deny }: Options) => ({
  allow: allow?.map(parseRange),
  deny: deny.map(parseRange),
}));

export const upgrade: Upgrade<Options> = ({ client, options }) => {
  const { allow, deny } = rangesOf(options);
  const address = parseAddress(client.address);
  // A client on a Unix socket has none.
  const isAllowed =
    address !== undefined &&
    !deny.some((range) => isWithin(address, range)) &&
    (allow === undefined || allow.some((range) => isWithin(address, range)));
  return isAllowed ? undefined : forbidden("this address may not connect");
};
