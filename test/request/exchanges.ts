import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { type RouteInput, resolveConfig } from "../../core/config/index.ts";
import { OwnPlaces } from "../../core/leases/caps/own-places.ts";
import type { Exchange, Routed } from "../../core/request/exchange.ts";
import { type IdentifyOptions, identify } from "../../core/request/identify.ts";
import { findRoute } from "../../core/request/route.ts";
import { RouteRuntime } from "../../core/routes/route-runtime.ts";
import { createRouter } from "../../core/routes/router.ts";
import type { PolicyBinding } from "../../sandbox/contract.ts";

/** A request of Node's, as its parser leaves it; its client has no address. */
export function requestOf(url: string, headers: Readonly<Record<string, string>> = {}): IncomingMessage {
  const request = new IncomingMessage(new Socket());
  request.method = "GET";
  request.url = url;
  const fields = Object.entries({ Host: "gate", ...headers });
  request.rawHeaders = fields.flat();
  request.headers = Object.fromEntries(fields.map(([name, value]) => [name.toLowerCase(), value]));
  request.headersDistinct = Object.fromEntries(fields.map(([name, value]) => [name.toLowerCase(), [value]]));
  return request;
}

/** Its ids are "id-1", "id-2", … */
export function exchangeOf(request: IncomingMessage, options: Partial<IdentifyOptions> = {}): Exchange {
  let ids = 0;
  const newId = (): string => `id-${++ids}`;
  return identify(
    request,
    request.socket,
    { newId, trusted: () => undefined, ...options },
    {
      origins: ["same"],
      recording: false,
    },
  );
}

export function runtimeOf(route: Partial<RouteInput>, policies: readonly string[] = []): RouteRuntime {
  const input = { path: "/*", upstream: "http://127.0.0.1:9", ...route };
  const [config] = resolveConfig({ routes: [input] }, { dir: "/" }).routes;
  if (config === undefined) throw new Error("no route");
  const chain = policies.map((policy): PolicyBinding => ({ policy, route: config.path, options: {} }));
  return new RouteRuntime({ config, chain }, new OwnPlaces());
}

/** An exchange that has come to this route. */
export function routedOf(route: Partial<RouteInput> | RouteRuntime, request = requestOf("/")): Routed {
  const runtime = route instanceof RouteRuntime ? route : runtimeOf(route);
  const routed = findRoute(exchangeOf(request), createRouter([runtime]));
  if ("refusal" in routed) throw new Error(routed.refusal.detail);
  return routed;
}
