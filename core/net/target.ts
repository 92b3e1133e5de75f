import { endpointOf } from "./endpoint.ts";

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
export const UPSTREAM_NAME = /^[A-Za-z][\w-]*$/;

/** `unix:/run/app.sock` or `unix:/run/app.sock:/path`, the parts; undefined for what is neither. */
export function parseUnixUrl(
  url: string,
): { readonly socketPath: string; readonly path: string } | undefined {
  const [, socketPath, path = "/"] = /^unix:(\/[^:\0]+)(?::(\/[\x21-\x7e]*))?$/.exec(url) ?? [];
  return socketPath === undefined ? undefined : { socketPath, path };
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
  const server = parseServerUrl(url);
  if (server === undefined) return undefined;
  const { tls, port } = server;
  const mark = requestUrl.indexOf("?");
  const requestPath = mark === -1 ? requestUrl : requestUrl.slice(0, mark);
  const requestQuery = mark === -1 ? "" : requestUrl.slice(mark);
  const path = server.pathname === "/" ? requestPath : server.pathname;
  return {
    host: server.host,
    port,
    tls,
    authority: server.authority,
    path: path + (server.search === "" ? requestQuery : server.search),
    url: `${tls ? "wss" : "ws"}://${server.authority}${path}`,
  };
}

/** What of a target comes from its server's URL. */
interface ServerUrl extends Pick<Target, "host" | "port" | "tls" | "authority"> {
  readonly pathname: string;
  readonly search: string;
}

/** Servers are few, and each is dialled again and again; URLs that policies name need not be. */
const parsedUrls = new Map<string, ServerUrl>();
const MOST_PARSED_URLS = 256;

function parseServerUrl(url: string): ServerUrl | undefined {
  const known = parsedUrls.get(url);
  if (known !== undefined) return known;
  const parsed = URL.parse(url);
  const endpoint = parsed === null ? undefined : endpointOf(parsed);
  if (parsed === null || endpoint === undefined) return undefined;
  const { tls, host, port } = endpoint;
  const { host: authority, pathname, search } = parsed;
  const server = { host: host.replace(/^\[|\]$/g, ""), port, tls, authority, pathname, search };
  if (parsedUrls.size >= MOST_PARSED_URLS) parsedUrls.clear();
  parsedUrls.set(url, server);
  return server;
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
