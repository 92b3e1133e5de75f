const PREFIX = "whsec_";
const LEAST_BYTES = 24;

/** What a secret signs webhooks with: one that begins with `whsec_` is base64 behind it; of any other the characters are taken. */
export function readSigningKey(secret: string): Buffer {
  return secret.startsWith(PREFIX) ? Buffer.from(secret.slice(PREFIX.length), "base64") : Buffer.from(secret);
}

/** Standard Webhooks 1.0.0: a key has 24 bytes at least. What is no base64 would be a key that anybody knows. */
export function problemOfSigningKey(secret: string): string | undefined {
  if (!secret.startsWith(PREFIX)) return undefined;
  const isBase64 = /^[A-Za-z0-9+/]*={0,2}$/.test(secret.slice(PREFIX.length));
  if (isBase64 && readSigningKey(secret).length >= LEAST_BYTES) return undefined;
  return `expected the base64 of at least ${LEAST_BYTES} bytes behind ${PREFIX}, for alerts are signed with it`;
}
