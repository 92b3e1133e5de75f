import type { RouteConfig } from "../config/index.ts";
import type { GoneSignal } from "../net/gone-signal.ts";
import { type Target, UPSTREAM_NAME } from "../net/target.ts";
import type { Transport } from "./dial/connect.ts";
import { UpstreamError } from "./dial/errors.ts";
import { serverTarget } from "./dial/server-target.ts";
import type { ReachPhases } from "./reach-phases.ts";
import type { Server, ServerName } from "./server-choice.ts";
import type { ServerPlace, Upstream } from "./upstream.ts";
import type { UpstreamWays } from "./upstreams.ts";

export interface ServerRequest {
  readonly route: Pick<
    RouteConfig,
    "path" | "upstream" | "connectAllow" | "connectTimeoutMs" | "handshakeTimeoutMs"
  >;
  /** A policy's word: a URL, or the name of an upstream. */
  readonly connect: string | undefined;
  /** The client's request target. */
  readonly url: string;
  /** What a connection is hashed by. */
  hashKey(upstream: Upstream): string | undefined;
  /** Aborts when the client has gone. */
  readonly signal: GoneSignal;
  /** Absent: nobody wants to know where the time goes. */
  readonly phases?: ReachPhases | undefined;
}

/** One server that was chosen, and the way to it. */
export interface Way {
  readonly target: Target;
  /** undefined for a plain URL. */
  readonly upstream: Upstream | undefined;
  readonly transport: Transport;
  /** So much of a limit as is left of the time for all attempts. 0: unlimited. */
  within(limitMs: number): number;
  /** The server has answered, whatever it said. @param since when it was asked, if not when it was chosen */
  succeed(since?: number): void;
  /** What kept the server from answering. */
  fail(error: unknown): void;
}

export interface Reached<Opened> {
  readonly opened: Opened;
  /** Undefined for a plain URL. */
  readonly at: ServerName | undefined;
  /** Gives the place at the server back. More than once does no harm. */
  release(): void;
}

/**
 * Choose a server and open the way to it; where that fails, the next one.
 *
 * @param open is called for each server that is tried; it says how that went, and must not have sent what may not be
 *   sent twice when it throws
 * @throws UpstreamError
 */
export async function reachServer<Opened>(
  upstreams: UpstreamWays,
  request: ServerRequest,
  open: (way: Way) => Promise<Opened>,
): Promise<Reached<Opened>> {
  const upstream = findUpstream(upstreams, request);
  if (typeof upstream === "string") {
    const opened = await open(wayToUrl(upstream, request.url, upstreams.plainTransport));
    return { opened, at: undefined, release: () => {} };
  }
  return upstream.config.onFailure === undefined
    ? tryServers(upstream, request, open)
    : tryUpstreams(upstreams, upstream, request, open);
}

/** Where to: the upstream, or a URL that may be dialled as it is. */
function findUpstream(upstreams: UpstreamWays, { route, connect }: ServerRequest): Upstream | string {
  if (connect === undefined) {
    return typeof route.upstream === "string" ? route.upstream : upstreams.of(route.upstream);
  }
  if (UPSTREAM_NAME.test(connect)) {
    const upstream = upstreams.named(connect);
    if (upstream !== undefined) return upstream;
    throw notAllowed(`a policy's connect is "${connect}", and the config's \`upstreams\` has no such name`);
  }
  if (upstreams.allowList.isAllowed(connect, route.connectAllow)) return connect;
  throw notAllowed(
    `a policy's connect leads to ${originOf(connect) ?? connect}, which is no configured upstream and matches nothing in \`connect.allow\` of the route ${route.path}: add it there if it is meant`,
  );
}

function wayToUrl(url: string, requestUrl: string, transport: Transport): Way {
  return {
    target: targetOf({ url }, requestUrl),
    upstream: undefined,
    transport,
    within: (limitMs) => limitMs,
    succeed() {},
    fail() {},
  };
}

/** The upstream, and where it cannot be had that which stands in for it. The config has no circles of these. */
async function tryUpstreams<Opened>(
  upstreams: UpstreamWays,
  first: Upstream,
  request: ServerRequest,
  open: (way: Way) => Promise<Opened>,
): Promise<Reached<Opened>> {
  let upstream = first;
  for (;;) {
    if (upstream.config.onFailure === undefined) return tryServers(upstream, request, open);
    const failure = upstream.isHealthy
      ? await tryServers(upstream, request, open).catch(retryableOnly)
      : new UpstreamError(
          "ERR_UPSTREAM_UNREACHABLE",
          `upstream "${upstream.config.name}": no server is healthy`,
        );
    if (!(failure instanceof UpstreamError)) return failure;
    const next = upstreams.standIn(upstream, failure.message);
    if (next === undefined) throw failure;
    upstream = next;
  }
}

function retryableOnly(error: unknown): UpstreamError {
  if (isRetryable(error)) return error;
  throw error;
}

async function tryServers<Opened>(
  upstream: Upstream,
  request: ServerRequest,
  open: (way: Way) => Promise<Opened>,
): Promise<Reached<Opened>> {
  const { retries } = upstream.config;
  const hashKey = upstream.config.balance.kind === "hash" ? request.hashKey(upstream) : undefined;
  const tried = new Set<Server>();
  request.phases?.enter("queue");
  const entered = upstream.enter(hashKey, request.signal);
  let place = entered instanceof Promise ? await entered : entered;
  const deadline = deadlineOf(request);
  for (;;) {
    try {
      const { release, server } = place;
      return {
        opened: await open(wayToPlace(upstream, place, request.url, deadline)),
        at: server.at,
        release,
      };
    } catch (error) {
      place.release();
      tried.add(place.server);
      if (!isRetryable(error) || tried.size > retries || performance.now() >= deadline) throw error;
      const next = await upstream.take(tried, hashKey);
      if (next === undefined) throw error;
      place = next;
    }
  }
}

function wayToPlace(upstream: Upstream, place: ServerPlace, requestUrl: string, deadline: number): Way {
  const startedAt = performance.now();
  return {
    target: targetOf(place.server.config, requestUrl),
    upstream,
    transport: upstream.transport,
    within(limitMs) {
      const leftMs = Math.ceil(deadline - performance.now());
      return limitMs === 0 ? 0 : Math.max(1, Math.min(limitMs, leftMs));
    },
    succeed: (since = startedAt) => place.succeed(performance.now() - since),
    fail(error) {
      if (isRetryable(error)) place.fail(error.message, performance.now() - startedAt);
    },
  };
}

function targetOf(server: Parameters<typeof serverTarget>[0], requestUrl: string): Target {
  const target = serverTarget(server, requestUrl);
  if (target === undefined)
    throw new UpstreamError("ERR_UPSTREAM_UNREACHABLE", `not a server URL: ${server.url}`);
  return target;
}

/** All attempts together take no longer than one may. */
function deadlineOf({ route }: ServerRequest): number {
  const { connectTimeoutMs, handshakeTimeoutMs } = route;
  const isUnlimited = connectTimeoutMs === 0 || handshakeTimeoutMs === 0;
  return isUnlimited ? Number.POSITIVE_INFINITY : performance.now() + connectTimeoutMs + handshakeTimeoutMs;
}

/** The server did not answer: another one may. What it refuses is its word. */
function isRetryable(error: unknown): error is UpstreamError {
  return (
    error instanceof UpstreamError &&
    error.code !== "ERR_UPSTREAM_ABORTED" &&
    error.code !== "ERR_UPSTREAM_NOT_ALLOWED"
  );
}

/** Scheme, host and port, `http` and `ws` being one. */
export function originOf(text: string): string | undefined {
  const url = URL.parse(text.replace(/^ws/i, "http"));
  return url === null ? undefined : `${url.protocol}//${url.host}`;
}

export function notAllowed(detail: string): UpstreamError {
  return new UpstreamError("ERR_UPSTREAM_NOT_ALLOWED", detail);
}
