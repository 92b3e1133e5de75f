import { createHash, createPrivateKey, createPublicKey, sign } from "node:crypto";

/** What an account is known by: a key of P-256. */
export interface AccountKey {
  /** The public half (RFC 7517), its members in the order that the thumbprint takes them (RFC 7638). */
  readonly jwk: Readonly<Record<"crv" | "kty" | "x" | "y", string>>;
  /** What stands behind a challenge's token in its answer (RFC 8555, 8.1). */
  readonly thumbprint: string;
  /** A flattened JWS (RFC 7515, 7.2.2), as text. @param payload undefined: none, for what is only asked for (RFC 8555, 6.3) */
  sign(header: Readonly<Record<string, unknown>>, payload: unknown): string;
}

/** @param pem a private key of P-256 */
export function readAccountKey(pem: string): AccountKey {
  const key = createPrivateKey(pem);
  const { crv = "", kty = "", x = "", y = "" } = createPublicKey(key).export({ format: "jwk" });
  const jwk = { crv, kty, x, y };
  return {
    jwk,
    thumbprint: createHash("sha256").update(JSON.stringify(jwk)).digest("base64url"),
    sign(header, payload) {
      const head = encode({ alg: "ES256", ...header });
      const body = payload === undefined ? "" : encode(payload);
      const signed = sign("sha256", Buffer.from(`${head}.${body}`), { key, dsaEncoding: "ieee-p1363" });
      return JSON.stringify({ protected: head, payload: body, signature: signed.toString("base64url") });
    },
  };
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}
