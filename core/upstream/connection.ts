import type { RouteConfig } from "../config/index.ts";
import type { Dialled, Transport } from "./dial.ts";
import { UpstreamError } from "./errors.ts";
import { dialThrough } from "./proxy-tunnel.ts";
import { headerValue } from "./response-head.ts";
import { serverTarget } from "./server-target.ts";
import { type Target, upstreamNamePattern } from "./target.ts";
import type { Place, Server, Upstream } from "./upstream.ts";
import type { Upstreams } from "./upstreams.ts";

export interface ConnectionRequest {
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
  /** The whole head of the request. @param isForeign a redirect led away from the server that was meant */
  head(target: Target, isForeign: boolean): string;
  /** Aborts when the client has gone. */
  readonly signal: AbortSignal;
}

/** A server that has answered the handshake, whatever it said. */
export interface Connection {
  readonly dialled: Dialled;
  readonly target: Target;
  /** Gives the place at the server back: call it when the connection has ended. More than once does no harm. */
  release(): void;
}

/** Choose a server, dial it and read its answer; on a failure the next one. @throws UpstreamError */
export async function openConnection(upstreams: Upstreams, request: ConnectionRequest): Promise<Connection> {
  const upstream = findUpstream(upstreams, request);
  if (typeof upstream === "string") {
    const dialled = await dialTarget(serverTarget({ url: upstream }, request.url), upstream, request);
    return { ...dialled, release: () => {} };
  }
  return dialUpstream(upstreams, upstream, request);
}

/** Where to: the upstream, or a URL that may be dialled as it is. */
function findUpstream(upstreams: Upstreams, { route, connect }: ConnectionRequest): Upstream | string {
  if (connect === undefined) {
    return typeof route.upstream === "string" ? route.upstream : upstreams.of(route.upstream);
  }
  if (upstreamNamePattern.test(connect)) {
    const upstream = upstreams.named(connect);
    if (upstream !== undefined) return upstream;
    throw notAllowed(`a policy's connect is "${connect}", and the config's \`upstreams\` has no such name`);
  }
  if (upstreams.allowList.isAllowed(connect, route.connectAllow)) return connect;
  throw notAllowed(
    `a policy's connect leads to ${originOf(connect) ?? connect}, which is no configured upstream and matches nothing in \`connect.allow\` of the route ${route.path}: add it there if it is meant`,
  );
}

async function dialUpstream(
  upstreams: Upstreams,
  upstream: Upstream,
  request: ConnectionRequest,
): Promise<Connection> {
  const { retries } = upstream.config;
  const hashKey = upstream.config.balance.kind === "hash" ? request.hashKey(upstream) : undefined;
  const tried = new Set<Server>();
  let place = await upstream.enter(hashKey, request.signal);
  const deadline = deadlineOf(request);
  for (;;) {
    try {
      return await dialPlace(upstreams, upstream, place, request, deadline);
    } catch (error) {
      place.release();
      tried.add(place.server);
      if (!isRetryable(error) || tried.size > retries || performance.now() >= deadline) throw error;
      const next = upstream.take(tried, hashKey);
      if (next === undefined) throw error;
      place = next;
    }
  }
}

async function dialPlace(
  upstreams: Upstreams,
  upstream: Upstream,
  place: Place,
  request: ConnectionRequest,
  deadline: number,
): Promise<Connection> {
  const { config } = place.server;
  const startedAt = performance.now();
  const elapsed = (): number => performance.now() - startedAt;
  let connection: Pick<Connection, "dialled" | "target">;
  try {
    const target = serverTarget(config, request.url);
    connection = await dialTarget(target, config.url, request, upstream.transport, deadline);
  } catch (error) {
    if (isRetryable(error)) place.fail(error.message, elapsed());
    throw error;
  }
  place.succeed(elapsed());
  const settled = await followRedirects(upstreams, upstream, connection, request, deadline);
  return { ...settled, release: () => place.release() };
}

async function dialTarget(
  target: Target | undefined,
  url: string,
  request: ConnectionRequest,
  transport?: Transport,
  deadline = Number.POSITIVE_INFINITY,
  isForeign = false,
): Promise<Pick<Connection, "dialled" | "target">> {
  if (target === undefined) throw new UpstreamError("ERR_UPSTREAM_UNREACHABLE", `not a server URL: ${url}`);
  const { route, signal } = request;
  const leftMs = Math.ceil(deadline - performance.now());
  const within = (limitMs: number): number => (limitMs === 0 ? 0 : Math.max(1, Math.min(limitMs, leftMs)));
  const dialled = await dialThrough(target, request.head(target, isForeign), {
    connectTimeoutMs: within(route.connectTimeoutMs),
    handshakeTimeoutMs: within(route.handshakeTimeoutMs),
    signal,
    ...(transport !== undefined && { transport }),
  });
  return { dialled, target };
}

/** Of a server that sends elsewhere; the last answer is the client's when there are too many. */
async function followRedirects(
  upstreams: Upstreams,
  upstream: Upstream,
  first: Pick<Connection, "dialled" | "target">,
  request: ConnectionRequest,
  deadline: number,
): Promise<Pick<Connection, "dialled" | "target">> {
  const { redirects } = upstream.config;
  // A client certificate is for the server that it was configured for.
  const { tls, ...foreignTransport } = upstream.transport;
  const schemeOf = ({ target }: typeof first): string => (target.tls ? "https" : "http");
  const meant = originOf(`${schemeOf(first)}://${first.target.authority}`);
  let current = first;
  for (let followed = 0; followed < redirects; followed++) {
    const { head, socket } = current.dialled;
    const location = headerValue(head, "location");
    if (![301, 302, 303, 307, 308].includes(head.status) || location === undefined) break;
    const { authority, path } = current.target;
    const url = URL.parse(location, `${schemeOf(current)}://${authority}${path}`);
    socket.destroy();
    const isSameServer = url !== null && originOf(url.href) === meant;
    if (
      url === null ||
      !(isSameServer || upstreams.allowList.isAllowed(url.href, request.route.connectAllow))
    ) {
      throw notAllowed(
        `${current.target.url} redirects to ${url?.origin ?? "what is no URL"}, which is no configured upstream and matches nothing in \`connect.allow\` of the route ${request.route.path}: add it there if it is meant`,
      );
    }
    // The whole URL is the server's word: its path is not replaced by the client's, and neither is its query.
    const target = { ...serverTarget({ url: url.href }, "/")!, path: url.pathname + url.search };
    const { socketPath } = first.target;
    current = await dialTarget(
      isSameServer && socketPath !== undefined ? { ...target, socketPath } : target,
      url.href,
      request,
      isSameServer ? upstream.transport : foreignTransport,
      deadline,
      !isSameServer,
    );
  }
  return current;
}

/** All attempts together take no longer than one may. */
function deadlineOf({ route }: ConnectionRequest): number {
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
function originOf(text: string): string | undefined {
  const url = URL.parse(text.replace(/^ws/i, "http"));
  return url === null ? undefined : `${url.protocol}//${url.host}`;
}

function notAllowed(detail: string): UpstreamError {
  return new UpstreamError("ERR_UPSTREAM_NOT_ALLOWED", detail);
}
