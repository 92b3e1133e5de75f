/** Where to dial for one connection. */
export interface Target {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  /** Value of the Host header: the port is left out where it is the scheme's own. */
  readonly authority: string;
  /** Path and query of the request. */
  readonly path: string;
  /** For logs: scheme, host, port and path; never the query, which may hold secrets. */
  readonly url: string;
  /** A Unix socket to connect to, in place of host and port. */
  readonly socketPath?: string;
}

/** The name of an upstream is unlike any URL: it has no colon. */
export const upstreamNamePattern = /^[A-Za-z][\w-]*$/;

const secure: Readonly<Record<string, boolean>> = {
  "http:": false,
  "ws:": false,
  "https:": true,
  "wss:": true,
};

/** `unix:/run/app.sock` or `unix:/run/app.sock:/path`, the parts; undefined for what is neither. */
export function parseUnixUrl(
  url: string,
): { readonly socketPath: string; readonly path: string } | undefined {
  const match = /^unix:(\/[^:\0]+)(?::(\/[\x21-\x7e]*))?$/.exec(url);
  return match === null ? undefined : { socketPath: match[1], path: match[2] ?? "/" };
}

/**
 * A URL without a path keeps the path of the client's request; a URL with one replaces it. The query is the URL's own
 * if it has one, the client's otherwise.
 *
 * @param url http, https, ws or wss, or unix:/path/to.sock:/path
 * @param requestUrl the client's request target
 * @returns undefined when `url` is no such URL
 */
export function resolveTarget(url: string, requestUrl: string): Target | undefined {
  const unix = parseUnixUrl(url);
  if (unix !== undefined) return resolveUnixTarget(unix, requestUrl);
  if (!URL.canParse(url)) return undefined;
  const parsed = new URL(url);
  const tls = secure[parsed.protocol];
  if (tls === undefined || parsed.hostname === "") return undefined;
  const mark = requestUrl.indexOf("?");
  const requestPath = mark === -1 ? requestUrl : requestUrl.slice(0, mark);
  const requestQuery = mark === -1 ? "" : requestUrl.slice(mark);
  const path = parsed.pathname === "/" ? requestPath : parsed.pathname;
  return {
    host: parsed.hostname.replace(/^\[|\]$/g, ""),
    port: parsed.port === "" ? (tls ? 443 : 80) : Number(parsed.port),
    tls,
    authority: parsed.host,
    path: path + (parsed.search === "" ? requestQuery : parsed.search),
    url: `${tls ? "wss" : "ws"}://${parsed.host}${path}`,
  };
}

function resolveUnixTarget(
  { socketPath, path }: { readonly socketPath: string; readonly path: string },
  requestUrl: string,
): Target | undefined {
  const target = resolveTarget(`ws://localhost${path}`, requestUrl);
  if (target === undefined) return undefined;
  const { pathname } = new URL(path === "/" ? requestUrl : path, "ws://localhost");
  return { ...target, socketPath, url: `unix:${socketPath}:${pathname}` };
}
