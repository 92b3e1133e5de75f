import { isObject } from "../../policies/is-object.ts";

// With `--echo` and the like one upstream stands in for those of all routes, or of one, whose messages no mirror gets then.

export interface UpstreamOverride {
  readonly upstreamOverride?: string | undefined;
  /** Name or path of the one route that it is for; undefined: for all. */
  readonly overriddenRoute?: string | undefined;
}

export function overrideUpstreams(input: unknown, override: UpstreamOverride): unknown {
  if (override.upstreamOverride === undefined || !isObject(input) || !Array.isArray(input.routes))
    return input;
  return {
    ...input,
    ...(override.overriddenRoute === undefined && { mirror: false }),
    routes: input.routes.map((route: unknown) => overrideUpstream(route, override)),
  };
}

export function overrideUpstream(route: unknown, override: UpstreamOverride): unknown {
  if (!isOverridden(route, override)) return route;
  return { ...(route as object), upstream: override.upstreamOverride, mirror: false };
}

/** The URLs of a route's own servers that another stands in for. */
export function replacedServers(route: unknown, override: UpstreamOverride): string[] {
  return isOverridden(route, override) ? serversOf(route) : [];
}

function isOverridden(route: unknown, { upstreamOverride, overriddenRoute }: UpstreamOverride): boolean {
  if (upstreamOverride === undefined || !isObject(route)) return false;
  return overriddenRoute === undefined || [route.name, route.path].includes(overriddenRoute);
}

/** As they are written; a Unix socket's is no address to connect to. */
function serversOf(route: unknown): string[] {
  if (!isObject(route)) return [];
  const { upstream } = route;
  const servers: unknown[] = isObject(upstream)
    ? [upstream, ...[upstream.targets ?? []].flat()]
    : [{ url: upstream }];
  return servers.flatMap((server) =>
    isObject(server) && typeof server.url === "string" && server.socket === undefined ? [server.url] : [],
  );
}
