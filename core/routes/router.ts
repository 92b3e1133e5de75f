import type { IncomingHttpHeaders } from "node:http";
import type { BlockList } from "node:net";
import type { RouteMatch } from "../config/index.ts";
import { hasAddress, openBits, readNetworks } from "../net/networks.ts";
import { looseReadings, mergeSlashes, withoutParameters } from "./loose-readings.ts";
import { type CaseSegments, MAX_NEAR_PATH, nearReadings, nearSegments, withLowered } from "./near-path.ts";

/**
 * Finds the route for a request. Of all that match, the most specific wins, whatever the order they are given in:
 *
 * 1. by path, segment by segment from the left: a literal goes before a parameter, a parameter before `*`;
 * 2. by host: an exact one goes before a wildcard, a longer wildcard before a shorter one, any wildcard before none;
 * 3. by headers: more of them go before fewer; of as many, the first by name and value;
 * 4. by the client's network: a smaller one goes before a larger one, any before none.
 */
export interface Router<Route> {
  /** @param client its address; without one no network has it */
  find(path: string, headers?: IncomingHttpHeaders, client?: string): Found<Route> | undefined;
  /** For a path that has none: one that has, and differs in upper and lower case, or in a slash at its end. */
  near(path: string, headers: IncomingHttpHeaders, client: string): string | undefined;
  /** Whether a route has this, or a loose server might take it for a route's: it is for nobody else to answer. */
  concerns(path: string, headers: IncomingHttpHeaders, client: string): boolean;
}

export interface Found<Route> {
  readonly route: Route;
  readonly params: Readonly<Record<string, string>>;
}

interface Pattern<Route> extends CaseSegments {
  /** One digit a segment: 2 literal, 1 parameter, 0 wildcard. Sorts as it reads. */
  readonly rank: string;
  /** "" for any, "*.example.com" for what ends so, else the host itself. */
  readonly host: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Undefined: any client. */
  readonly network: ClientNetwork | undefined;
  readonly route: Route;
}

interface ClientNetwork {
  readonly list: BlockList;
  readonly openBits: number;
}

/** What of a request is compared beside its path. */
interface Asked {
  readonly host: string;
  readonly headers: IncomingHttpHeaders;
  readonly client: string;
}

export function createRouter<Route extends { readonly path: string; readonly match?: RouteMatch }>(
  routes: readonly Route[],
): Router<Route> {
  const patterns = routes.flatMap(patternsOf).sort(compareSpecific);

  function findBy(segments: readonly string[], asked: Asked): ReturnType<Router<Route>["find"]> {
    for (const pattern of patterns) {
      if (!isFor(pattern, asked)) continue;
      const params = match(pattern.segments, segments);
      if (params !== undefined) return { route: pattern.route, params };
    }
    return undefined;
  }

  function findBoth(segments: readonly string[], headers: IncomingHttpHeaders, client: string) {
    const asked = { host: hostName(headers.host ?? ""), headers, client };
    const other = readLoosely(segments);
    return { found: findBy(segments, asked), rival: other && findBy(other, asked) };
  }

  return {
    find(path, headers = {}, client = "") {
      const segments = decodePath(path);
      if (segments === undefined) return undefined;
      const { found, rival } = findBoth(segments, headers, client);
      // The server must not see a path that another route, with other policies, stands for.
      return rival === undefined || rival.route === found?.route ? found : undefined;
    },
    near(path, headers, client) {
      const segments = path.length > MAX_NEAR_PATH ? undefined : decodePath(path);
      if (segments === undefined) return undefined;
      const asked = { host: hostName(headers.host ?? ""), headers, client };
      const readings = nearReadings(segments);
      for (const pattern of patterns) {
        const met = nearSegments(pattern, readings);
        if (met === undefined || !isFor(pattern, asked)) continue;
        if (findBoth(met, headers, client).found?.route === pattern.route) return `/${met.join("/")}`;
      }
      return undefined;
    },
    concerns(path, headers, client) {
      const segments = decodePath(path);
      if (segments === undefined) {
        const asked = { host: hostName(headers.host ?? ""), headers, client };
        return looseReadings(path).some((reading) => findBy(reading, asked) !== undefined);
      }
      const { found, rival } = findBoth(segments, headers, client);
      return (found ?? rival) !== undefined;
    },
  };
}

/** The host of a Host header, without port and final dot, in lower case. */
export function hostName(header: string): string {
  return header.replace(/:\d*$/, "").replace(/\.$/, "").toLowerCase();
}

/** But for its path. */
function isFor(pattern: Pattern<unknown>, { host, headers, client }: Asked): boolean {
  if (!matchesHost(pattern.host, host)) return false;
  if (pattern.network !== undefined && !hasAddress(pattern.network.list, client)) return false;
  return pattern.headers.every(([name, value]) => headerOf(headers, name) === value);
}

/** One for each host and network that the route is for. */
function patternsOf<Route extends { readonly path: string; readonly match?: RouteMatch }>(
  route: Route,
): Pattern<Route>[] {
  const cases = withLowered(route.path.slice(1).split("/"));
  const rank = cases.segments.map(rankOf).join("");
  const { hosts = [], headers = {}, clients = [] } = route.match ?? {};
  const sorted = Object.entries(headers).sort(([a], [b]) => compare(a, b));
  const networks = clients.map((network) => ({
    list: readNetworks([network]),
    openBits: openBits(network),
  }));
  return (hosts.length === 0 ? [""] : hosts).flatMap((host) =>
    (networks.length === 0 ? [undefined] : networks).map((network) => {
      return { ...cases, rank, host, headers: sorted, network, route };
    }),
  );
}

function compareSpecific(a: Pattern<unknown>, b: Pattern<unknown>): number {
  return (
    compare(b.rank, a.rank) ||
    hostRank(b.host) - hostRank(a.host) ||
    b.headers.length - a.headers.length ||
    compare(JSON.stringify(a.headers), JSON.stringify(b.headers)) ||
    openBitsOf(a) - openBitsOf(b)
  );
}

function openBitsOf({ network }: Pattern<unknown>): number {
  return network?.openBits ?? Number.MAX_SAFE_INTEGER;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function hostRank(host: string): number {
  if (host === "") return 0;
  return host.startsWith("*.") ? host.length : Number.MAX_SAFE_INTEGER;
}

function matchesHost(pattern: string, host: string): boolean {
  if (pattern === "") return true;
  return pattern.startsWith("*.")
    ? host.length > pattern.length - 1 && host.endsWith(pattern.slice(1))
    : host === pattern;
}

function headerOf(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value.join(", ") : value;
}

/**
 * The path as a loose server reads it: encoded slashes divide it, slashes are merged, and what follows a `;` in a
 * segment is a parameter of it. Undefined when there is nothing of that in it.
 */
function readLoosely(segments: readonly string[]): readonly string[] | undefined {
  if (!segments.some((segment) => /[/;]/.test(segment))) return undefined;
  return mergeSlashes(segments.flatMap((segment) => segment.split("/")).map(withoutParameters));
}

/**
 * The decoded segments of a request's path; undefined when it cannot be matched safely: broken percent-encoding, or
 * what the server behind might resolve to a path of another route: `.` and `..` segments (also between encoded
 * slashes, and with `;` behind them), an empty segment before the last (many servers merge slashes), a backslash, a fragment, NUL.
 */
export function decodePath(path: string): readonly string[] | undefined {
  if (!path.startsWith("/") || path.includes("#")) return undefined;
  try {
    const segments = path.slice(1).split("/").map(decodeSegment);
    const isAmbiguous = segments.some(
      (segment, index) => isUnsafe(segment) || (segment === "" && index < segments.length - 1),
    );
    return isAmbiguous ? undefined : segments;
  } catch {
    return undefined;
  }
}

/** Most have nothing encoded in them. @throws URIError */
function decodeSegment(segment: string): string {
  return segment.includes("%") ? decodeURIComponent(segment) : segment;
}

function isUnsafe(segment: string): boolean {
  if (/[\\\0]/.test(segment)) return true;
  // Without a dot there is neither.
  return segment.includes(".") && segment.split("/").map(withoutParameters).some(isDots);
}

function isDots(part: string): boolean {
  return part === "." || part === "..";
}

function match(pattern: readonly string[], segments: readonly string[]): Record<string, string> | undefined {
  const params: Record<string, string> = {};
  for (const [i, expected] of pattern.entries()) {
    if (expected === "*" && i === pattern.length - 1) {
      return segments.length >= pattern.length ? params : undefined;
    }
    const segment = segments[i];
    if (segment === undefined) return undefined;
    if (expected.startsWith(":")) {
      if (segment === "") return undefined;
      params[expected.slice(1)] = segment;
    } else if (segment !== expected) {
      return undefined;
    }
  }
  return segments.length === pattern.length ? params : undefined;
}

function rankOf(segment: string): string {
  if (segment === "*") return "0";
  return segment.startsWith(":") ? "1" : "2";
}
