import type { Upgrade } from "framegate/policy";
import { findKey, HASHED_KEYS_SCHEMA, type HashedKey, keyExpiryOf } from "./lib/keys.ts";
import { unauthorized } from "./lib/refusals.ts";
import { findToken } from "./lib/tokens.ts";

/** For browsers, which cannot set headers: `new WebSocket(url, ["chat.v1", "bearer.TOKEN"])`. */
interface Options {
  readonly prefix: string;
  readonly encoding: "plain" | "base64url";
  readonly keys?: readonly HashedKey[];
  readonly authorization: boolean;
  readonly attribute: string;
}

export const optionsSchema = {
  type: "object",
  properties: {
    prefix: {
      type: "string",
      minLength: 1,
      default: "bearer.",
      description: "What stands before the token in its entry of Sec-WebSocket-Protocol.",
    },
    encoding: {
      enum: ["plain", "base64url"],
      default: "plain",
      description:
        "How the token is written there. `base64url` is for tokens with characters that a subprotocol cannot have.",
    },
    keys: {
      ...HASHED_KEYS_SCHEMA,
      description:
        "The tokens that are let in: `id` and `sha256`, and optionally `attributes` and `expires`.",
    },
    authorization: {
      type: "boolean",
      default: false,
      description: "Whether the server gets the token as `Authorization: Bearer TOKEN`.",
    },
    attribute: {
      type: "string",
      minLength: 1,
      default: "user",
      description: "The attribute that gets the `id` of the token's entry in `keys`.",
    },
  },
  // Without either, nobody would look at the token.
  anyOf: [
    { required: ["keys"] },
    { properties: { authorization: { const: true } }, required: ["authorization"] },
  ],
  additionalProperties: false,
};

export const upgrade: Upgrade<Options> = async ({ request, options }) => {
  const found = findToken(request, { subprotocol: options.prefix });
  const token = found && decode(found.text, options.encoding);
  if (!found || !token) {
    return unauthorized("Bearer", `offer the subprotocols NAME, ${options.prefix}TOKEN`);
  }
  const key = options.keys && (await findKey(options.keys, token));
  if (options.keys && !key) return unauthorized('Bearer error="invalid_token"', "the token is not valid");
  return {
    ...found.hidden,
    // In any case: what the client itself put there must not pass for the token that was checked.
    headers: { authorization: options.authorization ? `Bearer ${token}` : null },
    ...(key && { attributes: { ...key.attributes, [options.attribute]: key.id } }),
    ...(key?.expires !== undefined && { expires: keyExpiryOf(key) }),
  };
};

function decode(text: string, encoding: Options["encoding"]): string | undefined {
  if (encoding === "plain") return text;
  try {
    const bytes = Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) =>
      c.charCodeAt(0),
    );
    const token = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    // It becomes part of a header.
    return /^[\x21-\x7e]+$/.test(token) ? token : undefined;
  } catch {
    return undefined;
  }
}
