import type { RequestContext } from "../../sandbox/contract.ts";
import type { UpstreamConfig } from "../config/index.ts";
import type { GoneSignal } from "../net/gone-signal.ts";
import { firstHeader } from "../net/headers.ts";
import { ownValue } from "../net/own-value.ts";
import type { ServerRequest } from "../upstream/reach-server.ts";
import type { UpgradeDecision } from "./decision.ts";
import type { Routed } from "./exchange.ts";

/** What decides on the server of an exchange: the route, the policies' word, and what the connection is hashed by. */
export function serverRequest(
  { config, context }: Routed,
  { connect, attributes }: UpgradeDecision,
  signal: GoneSignal,
): ServerRequest {
  return {
    route: config,
    connect,
    url: context.request.url,
    hashKey: (upstream) => hashKeyOf(upstream.config.balance, context, attributes),
    signal,
  };
}

/** What an upstream hashes a connection by; undefined when the connection has no such thing. */
export function hashKeyOf(
  balance: UpstreamConfig["balance"],
  { request, client }: RequestContext,
  attributes: Readonly<Record<string, unknown>>,
): string | undefined {
  if (balance.kind !== "hash") return undefined;
  const { name } = balance;
  switch (balance.by) {
    case "address":
      return client.address;
    case "header":
      return firstHeader(request.headers, name);
    case "param":
      return ownValue(request.params, name) ?? ownValue(request.query, name);
    case "attribute": {
      const value = ownValue(attributes, name);
      return value === undefined || typeof value === "string" ? value : JSON.stringify(value);
    }
  }
}
