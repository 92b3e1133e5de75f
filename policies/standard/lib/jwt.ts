import type { Secrets } from "framegate/policy";
import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey, jwtVerify } from "jose";
import { BEARER_PROPERTIES, type BearerOptions, type Claims } from "./bearer.ts";
import { createRemoteKeys } from "./jwks.ts";
import { perOptions } from "./per-options.ts";

export interface JwtOptions extends BearerOptions {
  readonly algorithms: readonly string[];
  readonly jwks?: string;
  readonly keys?: JSONWebKeySet["keys"];
  readonly secret?: string;
  readonly issuer: string | readonly string[];
  readonly audience?: string | readonly string[];
  readonly required: readonly string[];
  readonly typ?: string;
}

const SHARED = ["HS256", "HS384", "HS512"];
const SIGNING = [
  ...["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"],
  ...["ES256", "ES384", "ES512", "EdDSA", "Ed25519"],
];
const NAMES = {
  type: ["string", "array"],
  minLength: 1,
  minItems: 1,
  items: { type: "string", minLength: 1 },
};

export const JWT_PROPERTIES = {
  algorithms: {
    type: "array",
    minItems: 1,
    items: { enum: [...SHARED, ...SIGNING] },
    description:
      "Which signatures are taken, and no others: with `secret` of HS256, HS384 and HS512, else of RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512, EdDSA and Ed25519. There is no `none`.",
  },
  jwks: {
    type: "string",
    pattern: "^https?://",
    description:
      "The URL of the issuer's keys (JWKS). They are kept for ten minutes, and fetched anew for a key id that is not among them.",
  },
  keys: {
    type: "array",
    minItems: 1,
    items: { type: "object", required: ["kty"], properties: { kty: { enum: ["RSA", "EC", "OKP"] } } },
    description: "In place of `jwks`: the public keys themselves, as JWKs.",
  },
  secret: {
    type: "string",
    minLength: 1,
    description: "In place of `jwks`: the name of a secret that the issuer shares, of at least 32 bytes.",
  },
  issuer: { ...NAMES, description: "Who must have issued the token (`iss`); of a list, one." },
  audience: {
    ...NAMES,
    description: "For whom it must be (`aud`); of a list, one. Without it, for anybody.",
  },
  required: {
    type: "array",
    items: { type: "string", minLength: 1 },
    default: ["exp"],
    description: "Claims that must be there.",
  },
  typ: {
    type: "string",
    minLength: 1,
    description: "What the token's header must have as `typ`, such as `at+jwt`.",
  },
  ...BEARER_PROPERTIES,
};

const of = (algorithms: readonly string[]) => ({ algorithms: { items: { enum: algorithms } } });

/** A public key that is taken for a shared secret is the oldest trick there is: the two never go together. */
export const jwtRules = {
  required: ["algorithms", "issuer"],
  oneOf: [{ required: ["jwks"] }, { required: ["keys"] }, { required: ["secret"] }],
  if: { required: ["secret"] },
  // biome-ignore lint/suspicious/noThenProperty: it is JSON Schema's
  then: { properties: of(SHARED) },
  else: { properties: of(SIGNING) },
};

const publicKeysOf = perOptions(({ jwks, keys }: JwtOptions): JWTVerifyGetKey => {
  return jwks === undefined ? createLocalJWKSet({ keys: [...keys!] }) : createRemoteKeys(jwks);
});

export type Checked = { readonly claims: Claims } | { readonly invalid: string };

/** Throws when the token could not be checked: then it is not known whether it is valid. */
export async function checkJwt(token: string, options: JwtOptions, secrets: Secrets): Promise<Checked> {
  const { algorithms, issuer, audience, clockTolerance, required, typ } = options;
  const rules = {
    algorithms: [...algorithms],
    issuer: [issuer].flat(),
    clockTolerance,
    requiredClaims: [...required],
    ...(audience !== undefined && { audience: [audience].flat() }),
    ...(typ !== undefined && { typ }),
  };
  try {
    const { payload } =
      options.secret === undefined
        ? await jwtVerify(token, publicKeysOf(options), rules)
        : await jwtVerify(token, await readSecret(options.secret, secrets), rules);
    return { claims: payload };
  } catch (error) {
    if (!(error instanceof errors.JOSEError)) throw error;
    return { invalid: error.message };
  }
}

/** RFC 7518, section 3.2: a key is at least as long as the hash. */
async function readSecret(name: string, secrets: Secrets): Promise<Uint8Array> {
  const bytes = new TextEncoder().encode(await secrets.get(name));
  if (bytes.length < 32)
    throw new Error(`the secret "${name}" has ${bytes.length} bytes; expected 32 or more`);
  return bytes;
}
