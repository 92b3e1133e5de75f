import type { Upgrade } from "framegate/policy";
import { findKey, HASHED_KEYS_SCHEMA, type HashedKey, keyExpiryOf } from "./lib/keys.ts";
import { unauthorized } from "./lib/refusals.ts";
import { findToken, TOKEN_SOURCES_SCHEMA, type TokenSources } from "./lib/tokens.ts";

/** Lets in who has one of the keys, of which only hashes are configured. */
interface Options {
  readonly keys: readonly HashedKey[];
  readonly from: TokenSources;
  readonly attribute: string;
  readonly forward: boolean;
}

export const optionsSchema = {
  type: "object",
  required: ["keys"],
  properties: {
    keys: {
      ...HASHED_KEYS_SCHEMA,
      description:
        "The keys: `id`, `sha256` of the key in hexadecimal, and optionally `attributes` that it brings and `expires`, such as `2027-01-31`.",
    },
    from: {
      ...TOKEN_SOURCES_SCHEMA,
      default: { header: "x-api-key" },
      description:
        "Where the key is: names of a `header`, a `cookie` or a `parameter` of the query, or as `subprotocol` what stands before it in Sec-WebSocket-Protocol.",
    },
    attribute: {
      type: "string",
      minLength: 1,
      default: "apiKey",
      description: "The attribute that gets the key's `id`.",
    },
    forward: {
      type: "boolean",
      default: false,
      description: "Whether the server gets the key too. One in the query it gets in any case.",
    },
  },
  additionalProperties: false,
};

export const upgrade: Upgrade<Options> = async ({ request, options }) => {
  const token = findToken(request, options.from);
  const key = token && (await findKey(options.keys, token.text));
  if (!token || !key) return unauthorized("ApiKey", "a valid API key is needed");
  return {
    ...(options.forward ? {} : token.hidden),
    attributes: { ...key.attributes, [options.attribute]: key.id },
    ...(key.expires !== undefined && { expires: keyExpiryOf(key) }),
  };
};
