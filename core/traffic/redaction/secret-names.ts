/** Headers whose values are credentials. */
export const secretHeaders: readonly string[] = [
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

/** Keys of JSON and names of parameters whose values are secrets, as `foldName` has them. */
export const secretKeys: readonly string[] = [
  "password",
  "passwd",
  "pwd",
  "passphrase",
  "passcode",
  "secret",
  "clientsecret",
  "apisecret",
  "secretkey",
  "secretaccesskey",
  "privatekey",
  "token",
  "accesstoken",
  "refreshtoken",
  "idtoken",
  "authtoken",
  "sessiontoken",
  "securitytoken",
  "bearertoken",
  "csrftoken",
  "xsrftoken",
  "apikey",
  "apitoken",
  "xapikey",
  "accesskey",
  "authorization",
  "proxyauthorization",
  "cookie",
  "setcookie",
  "credentials",
  "jwt",
];

/** Only in a query: as a JSON key these are mostly something else. */
export const secretParameters: readonly string[] = [
  "auth",
  "sig",
  "signature",
  "ticket",
  "xamzsignature",
  "xamzcredential",
  "xamzsecuritytoken",
];

/** `apiKey`, `api_key`, `API-KEY` and `api.key` are one name. */
export function foldName(name: string): string {
  return name.toLowerCase().replace(/[-_.\s]/g, "");
}
