import type { Capabilities, Upgrade } from "framegate/policy";
import { admitBearer, expiryOf, invalidToken } from "./lib/bearer.ts";
import { checkJwt, JWT_PROPERTIES, type JwtOptions, jwtRules } from "./lib/jwt.ts";
import { unauthorized } from "./lib/refusals.ts";
import { findToken } from "./lib/tokens.ts";

/** Lets in who has a JSON Web Token, and only for as long as it is valid. */
export const optionsSchema = {
  type: "object",
  ...jwtRules,
  properties: JWT_PROPERTIES,
  additionalProperties: false,
};

/** For `jwks` and for `secret`; `keys` needs neither. Hosts and names are those in the options. */
export const capabilities: Capabilities = { fetch: { hosts: [], methods: ["GET"] }, secrets: [] };

export const upgrade: Upgrade<JwtOptions> = async ({ request, options, secrets }) => {
  const token = findToken(request, options.from);
  if (token === undefined) return unauthorized("Bearer", "a token is needed");
  const checked = await checkJwt(token.text, options, secrets);
  if ("invalid" in checked) return invalidToken(checked.invalid);
  const expires = expiryOf(checked.claims, options);
  return { ...admitBearer(token, checked.claims, options), ...(expires !== undefined && { expires }) };
};
