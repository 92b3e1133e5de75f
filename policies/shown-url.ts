/** Of an address: what stands before `@`, in the place of a URL's user and password. */
const USER = /(\/\/|\\\\)\S*@/g;
/** In a query: what is as good as a password. */
const QUERY_KEY =
  /([?&](?:[^=&#\s"]*(?:secret|token|passw|credential|api[-_]?key|signature)[^=&#\s"]*|key|sig|auth)=)[^&#\s"]*/gi;
const SCHEME_CREDENTIALS = /\b(bearer|basic) +[^"\s]+/gi;

/**
 * Text in which a URL, or a header, may stand, without who asks and what that one knows. A URL as `URL` reads it (WHATWG URL, 4.4): up to the last
 * `@`, with slashes of either kind, or none; what is none up to the last `@` behind slashes.
 */
export function hideCredentials(text: string, mark: string): string {
  const url = URL.parse(text);
  const shown =
    url === null
      ? text.replace(USER, `$1${mark}@`)
      : url.username === "" && url.password === ""
        ? text
        : `${url.protocol}//${mark}@${url.host}${url.pathname === "/" ? "" : url.pathname}${url.search}${url.hash}`;
  return shown.replace(QUERY_KEY, `$1${mark}`).replace(SCHEME_CREDENTIALS, `$1 ${mark}`);
}
