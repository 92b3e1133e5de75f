import type { IncomingMessage } from "node:http";
import type { BlockList } from "node:net";
import { nameDifference } from "../routes/near-path.ts";
import type { RouteRuntime } from "../routes/route-runtime.ts";
import { decodePath, type Router } from "../routes/router.ts";
import type { Exchange, Routed } from "./exchange.ts";
import { type Refused, refused } from "./refusal.ts";
import { describeRequest, pathOf } from "./request-context.ts";
import { readSender } from "./sender.ts";

/** The stage that finds the route of an exchange. The exchange knows a disabled one too: log and records name it. */
export function findRoute(exchange: Exchange, router: Router<RouteRuntime>): Routed | Refused {
  const { path, request, sender } = exchange;
  if (decodePath(path) === undefined) return refused("ERR_BAD_PATH", `path ${path}`);
  // RFC 9112, 3.2.1: nobody's query has one, and servers drop what is behind it, so they would read another query than policies.
  if (request.url?.includes("#")) return refused("ERR_BAD_PATH", `a # in the query of ${path}`);
  const found = router.find(path, request.headers, sender.address);
  if (found === undefined) {
    const near = router.near(path, request.headers, sender.address);
    const hint = near === undefined ? "" : `, but one for ${near}: ${nameDifference(path, near)}`;
    return refused("ERR_NO_ROUTE", `no route for ${path}${hint}`);
  }
  const { route, params } = found;
  const routed = exchange.enter(route, describeRequest(request, sender, route.path, params));
  if (!routed.config.enabled) return refused("ERR_NO_ROUTE", `the route ${route.name} is disabled`);
  if (route.isDrained) return refused("ERR_DRAINED", `the route ${route.name} is being drained`);
  return routed;
}

/** Whether a request of somebody else's server is for a route to answer. */
export function isForRoute(
  request: IncomingMessage,
  router: Router<RouteRuntime>,
  trusted: BlockList | undefined,
): boolean {
  const { headers, socket, url = "/" } = request;
  const { address } = readSender(request, socket, trusted);
  // RFC 9113, 8.3.1: HTTP/2 has the host in a field of its own.
  const { host = headers[":authority"] as string | undefined } = headers;
  return router.concerns(pathOf(url), host === undefined ? headers : { ...headers, host }, address);
}
