import type { Capabilities, Secrets, Upgrade } from "framegate/policy";
import {
  admitBearer,
  BEARER_PROPERTIES,
  type BearerOptions,
  type Claims,
  expiryOf,
  invalidToken,
} from "./lib/bearer.ts";
import { sha256Hex } from "./lib/keys.ts";
import { unauthorized } from "./lib/refusals.ts";
import { findToken } from "./lib/tokens.ts";

/** Lets in who has a token that the authorization server says is active (RFC 7662). */
interface Options extends BearerOptions {
  readonly url: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly audience?: string;
  readonly cache: number;
}

export const optionsSchema = {
  type: "object",
  required: ["url", "clientId", "clientSecret"],
  properties: {
    url: { type: "string", pattern: "^https?://", description: "The introspection endpoint." },
    clientId: { type: "string", minLength: 1, description: "Who the gateway is to it." },
    clientSecret: { type: "string", minLength: 1, description: "The name of the secret that proves it." },
    audience: {
      type: "string",
      minLength: 1,
      description: "For whom the token must be (`aud`). Without it, for anybody.",
    },
    cache: {
      type: "integer",
      minimum: 0,
      maximum: 3600,
      default: 30,
      description:
        "Seconds that an answer is good for. A token that is revoked is let in for so long; 0 asks each time.",
    },
    ...BEARER_PROPERTIES,
  },
  additionalProperties: false,
};

/** The host and the name are those in the options. */
export const capabilities: Capabilities = { fetch: { hosts: [], methods: ["POST"] }, secrets: [] };

interface Answer {
  readonly claims: Claims;
  /** Milliseconds since 1970. */
  readonly until: number;
}

const MAX_ANSWERS = 1000;
/** By endpoint and the hash of the token. */
const answers = new Map<string, Answer>();

export const upgrade: Upgrade<Options> = async ({ request, options, secrets }) => {
  const token = findToken(request, options.from);
  if (token === undefined) return unauthorized("Bearer", "a token is needed");
  const claims = await introspect(token.text, options, secrets);
  const expires = expiryOf(claims, options);
  if (claims.active !== true) return invalidToken("it is not active");
  if (expires !== undefined && expires <= Date.now()) return invalidToken("it has expired");
  if (options.audience !== undefined && ![claims.aud].flat().includes(options.audience)) {
    return invalidToken("it is for another audience");
  }
  return { ...admitBearer(token, claims, options), ...(expires !== undefined && { expires }) };
};

async function introspect(token: string, options: Options, secrets: Secrets): Promise<Claims> {
  const key = `${options.url} ${options.clientId} ${await sha256Hex(token)}`;
  const known = answers.get(key);
  if (options.cache > 0 && known !== undefined && known.until > Date.now()) return known.claims;
  const claims = await ask(token, options, secrets);
  if (answers.size >= MAX_ANSWERS) answers.delete(answers.keys().next().value!);
  answers.delete(key);
  if (options.cache > 0) answers.set(key, { claims, until: Date.now() + options.cache * 1000 });
  return claims;
}

/** Throws when there is no answer: nobody is let in on a guess. */
async function ask(
  token: string,
  { url, clientId, clientSecret }: Options,
  secrets: Secrets,
): Promise<Claims> {
  const pair = [clientId, await secrets.get(clientSecret)].map(encodeURIComponent).join(":");
  const response = await fetch(url, {
    method: "POST",
    headers: {
      accept: "application/json",
      authorization: `Basic ${btoa(pair)}`,
      "content-type": "application/x-www-form-urlencoded",
    },
    body: String(new URLSearchParams({ token, token_type_hint: "access_token" })),
  });
  if (response.status !== 200) throw new Error(`${url} answered ${response.status}; expected 200`);
  const claims: unknown = await response.json();
  if (typeof claims !== "object" || claims === null) throw new Error(`${url}: expected a JSON object`);
  return claims as Claims;
}
