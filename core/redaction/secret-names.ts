/** Headers whose values are credentials. */
export const SECRET_HEADERS: readonly string[] = [
  "authorization",
  "proxy-authorization",
  "cookie",
  "set-cookie",
  "x-api-key",
  "x-auth-token",
  "x-access-token",
  "x-csrf-token",
  "x-xsrf-token",
  "x-amz-security-token",
];

/** Keys of JSON and names of parameters that end like this hold secrets: `guardian_token`, `newPassword`. Folded. */
export const SECRET_ENDINGS: readonly string[] = [
  "password",
  "passwd",
  "passphrase",
  "passcode",
  "secret",
  "token",
  "apikey",
  "secretkey",
  "privatekey",
  "accesskey",
  "authorization",
  "credentials",
];

/** The same, where only the whole name counts. */
export const SECRET_KEYS: readonly string[] = ["pwd", "cookie", "setcookie", "jwt"];

/** Only in a query: as a JSON key these are mostly something else. */
export const SECRET_PARAMETERS: readonly string[] = [
  "auth",
  "sig",
  "signature",
  "ticket",
  "xamzsignature",
  "xamzcredential",
  "xamzsecuritytoken",
];

const USUAL_KEYS = new Set(SECRET_KEYS);

/** Of a key of JSON. */
export function isUsualSecret(name: string): boolean {
  const folded = foldName(name);
  return USUAL_KEYS.has(folded) || SECRET_ENDINGS.some((ending) => folded.endsWith(ending));
}

export function isUsualSecretHeader(name: string): boolean {
  return SECRET_HEADERS.includes(name.toLowerCase()) || isUsualSecret(name);
}

/** Of a query. */
export function isUsualSecretParameter(name: string): boolean {
  return SECRET_PARAMETERS.includes(foldName(name)) || isUsualSecret(name);
}

/** `apiKey`, `api_key`, `API-KEY` and `api.key` are one name. */
export function foldName(name: string): string {
  return name.toLowerCase().replace(/[-_.\s]/g, "");
}
