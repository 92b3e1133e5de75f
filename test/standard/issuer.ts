import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { ExecutionContext } from "ava";
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from "jose";

export interface Issuer {
  readonly url: string;
  /** How often its keys were fetched. */
  readonly fetches: number;
  /** From now on it signs with another key, and publishes that one only. */
  rotate(): Promise<void>;
  /** From now on its keys cannot be had. */
  fail(): void;
  readonly publicKeys: readonly JWK[];
  sign(claims?: object, header?: object): Promise<string>;
}

const claimsOf = (claims: object) => {
  const now = Math.floor(Date.now() / 1000);
  return { iss: "https://issuer.test", sub: "ada", aud: "chat", iat: now, exp: now + 600, ...claims };
};

/** Who signs tokens, and publishes its keys at a URL. */
export async function startIssuer(t: ExecutionContext, alg = "ES256"): Promise<Issuer> {
  let key: CryptoKey;
  let publicKeys: readonly JWK[] = [];
  let generation = 0;
  let fetches = 0;
  let isFailing = false;
  await rotate();
  const server = createServer((_, response) => {
    fetches++;
    if (isFailing) response.statusCode = 503;
    response.setHeader("content-type", "application/json").end(JSON.stringify({ keys: publicKeys }));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.teardown(() => void server.close().closeAllConnections());

  async function rotate(): Promise<void> {
    const pair = await generateKeyPair(alg, { extractable: true });
    key = pair.privateKey;
    publicKeys = [{ ...(await exportJWK(pair.publicKey)), kid: `key-${++generation}`, alg }];
  }

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`,
    get fetches() {
      return fetches;
    },
    rotate,
    fail() {
      isFailing = true;
    },
    get publicKeys() {
      return publicKeys;
    },
    sign: (claims = {}, header = {}) =>
      new SignJWT(claimsOf(claims))
        .setProtectedHeader({ alg, kid: `key-${generation}`, ...header })
        .sign(key),
  };
}

export function signShared(secret: string, claims: object = {}, alg = "HS256"): Promise<string> {
  return new SignJWT(claimsOf(claims)).setProtectedHeader({ alg }).sign(new TextEncoder().encode(secret));
}
