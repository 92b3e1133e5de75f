import type { JsonObject, UpgradeVerdict } from "framegate/policy";
import { unauthorized } from "./refusals.ts";
import { type FoundToken, TOKEN_SOURCES_SCHEMA, type TokenSources } from "./tokens.ts";

/** What the policies that read bearer tokens have in common. */
export interface BearerOptions {
  readonly from: TokenSources;
  readonly scopes: readonly string[];
  readonly attributes: Readonly<Record<string, string>>;
  readonly clockTolerance: number;
  readonly forward: boolean;
}

export const BEARER_PROPERTIES = {
  from: {
    ...TOKEN_SOURCES_SCHEMA,
    default: { header: "authorization" },
    description:
      "Where the token is: names of a `header`, a `cookie` or a `parameter` of the query, or as `subprotocol` what stands before it in Sec-WebSocket-Protocol.",
  },
  scopes: {
    type: "array",
    items: { type: "string", minLength: 1 },
    default: [],
    description: "Scopes that the token must have, all of them. Without one, the client gets 403.",
  },
  attributes: {
    type: "object",
    additionalProperties: { type: "string", minLength: 1 },
    default: { user: "sub" },
    description:
      "Attributes, and the claims that they get. `org.id` is the claim `id` within the claim `org`.",
  },
  clockTolerance: {
    type: "integer",
    minimum: 0,
    maximum: 300,
    default: 5,
    description: "Seconds by which the clocks of the issuer and the gateway may differ.",
  },
  forward: {
    type: "boolean",
    default: false,
    description: "Whether the server gets the token too. One in the query it gets in any case.",
  },
};

export type Claims = Readonly<Record<string, unknown>>;

export function invalidToken(reason: string): UpgradeVerdict {
  return unauthorized('Bearer error="invalid_token"', `the token is not valid: ${reason}`);
}

/** The verdict for a token whose claims are known to be true. */
export function admitBearer(token: FoundToken, claims: Claims, options: BearerOptions): UpgradeVerdict {
  const missing = options.scopes.filter((scope) => !scopesOf(claims).includes(scope));
  if (missing.length > 0) {
    const challenge = `Bearer error="insufficient_scope", scope="${options.scopes.join(" ")}"`;
    const headers = { "www-authenticate": challenge };
    return { reject: { status: 403, headers, body: `the token has not the scope ${missing.join(", ")}` } };
  }
  const { subprotocol } = token.hidden;
  return {
    // The subprotocol of the token is never the server's to choose.
    ...(options.forward ? subprotocol !== undefined && { subprotocol } : token.hidden),
    attributes: attributesOf(claims, options),
  };
}

/** Milliseconds since 1970; undefined when the token has no end. */
export function expiryOf({ exp }: Claims, { clockTolerance }: BearerOptions): number | undefined {
  return typeof exp === "number" ? (exp + clockTolerance) * 1000 : undefined;
}

function attributesOf(claims: Claims, { attributes }: BearerOptions): JsonObject {
  const found = Object.entries(attributes).map(([name, path]) => [name, claimAt(claims, path)]);
  return Object.fromEntries(found.filter(([, value]) => value !== undefined));
}

/** A claim may have points in its own name, as those that are URLs do. */
function claimAt(claims: Claims, path: string): unknown {
  if (Object.hasOwn(claims, path)) return claims[path];
  let value: unknown = claims;
  for (const name of path.split(".")) {
    const isOwn = typeof value === "object" && value !== null && Object.hasOwn(value, name);
    value = isOwn ? (value as Claims)[name] : undefined;
  }
  return value;
}

/** RFC 8693 has a text with spaces in `scope`; some issuers have a list, some call it `scp`. */
function scopesOf({ scope, scp }: Claims): readonly unknown[] {
  return [scope, scp].flatMap((value) => (typeof value === "string" ? value.split(" ") : (value ?? [])));
}
