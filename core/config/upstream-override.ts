import { isObject } from "../../policies/is-object.ts";

// With `--echo` and the like one upstream stands in for those of all routes, and no mirror gets what is tried out.

export function overrideUpstreams(input: unknown, upstream: string | undefined): unknown {
  if (upstream === undefined || !isObject(input) || !Array.isArray(input.routes)) return input;
  return {
    ...input,
    mirror: false,
    routes: input.routes.map((route: unknown) => overrideUpstream(route, upstream)),
  };
}

export function overrideUpstream(route: unknown, upstream: string | undefined): unknown {
  return upstream === undefined || !isObject(route) ? route : { ...route, upstream, mirror: false };
}

/** The URLs of a route's own servers, as they are written; a Unix socket's is no address to connect to. */
export function serversOf(route: unknown): string[] {
  if (!isObject(route)) return [];
  const { upstream } = route;
  const servers: unknown[] = isObject(upstream)
    ? [upstream, ...[upstream.targets ?? []].flat()]
    : [{ url: upstream }];
  return servers.flatMap((server) =>
    isObject(server) && typeof server.url === "string" && server.socket === undefined ? [server.url] : [],
  );
}
