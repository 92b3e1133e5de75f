import type { IncomingHttpHeaders } from "node:http";
import type { RequestContext } from "../../sandbox/contract.ts";
import type { ConnectionLimits, RouteConfig } from "../config/index.ts";
import { type Soon, whenThere } from "../leases/caps/soon.ts";
import type { RateLeases } from "../leases/rate-leases.ts";
import { ownValue } from "../net/own-value.ts";
import type { CountedConnection, FullLimit } from "../routes/connection-count.ts";
import type { Routed } from "./exchange.ts";
import { limitFields } from "./limit-fields.ts";
import { isOriginAllowed } from "./origin.ts";
import { type Refused, refused } from "./refusal.ts";
import { offerSubprotocols } from "./subprotocols.ts";
import { takeUpgrade } from "./upgrade-rate.ts";

/** An upgrade that the route itself lets in. */
export interface Admitted {
  /** What of the client's subprotocols the server hears of; undefined: what the client sent. */
  readonly subprotocols: readonly string[] | undefined;
  /** Counts it by an attribute as well, where the route says so: to be asked once the policies have set them. */
  countAttributes(attributes: Readonly<Record<string, unknown>>): Soon<Refused | undefined>;
  /** Counts the connection out. */
  leave(): void;
}

/** The stage at which the route itself speaks, before its policies are asked. Of plain HTTP it looks at the origin only. */
export function admitPlain({ exchange, config }: Routed, isStopping: boolean): Refused | undefined {
  if (isStopping) return stopping;
  const asked = originsOf({ exchange, config });
  // Who names pages that may read the answers means them to ask.
  const readers = config.origins.allow === undefined ? (config.cors?.origins ?? []) : [];
  return checkOrigin({ exchange, config }, [...asked, ...readers]);
}

/** What of its process an upgrade has to pass. */
export interface Gate {
  readonly isStopping: boolean;
  readonly leases: RateLeases;
}

/** The same stage for an upgrade: origin, subprotocols, rate, connections. */
export function admitUpgrade(routed: Routed, { isStopping, leases }: Gate): Soon<Admitted | Refused> {
  if (isStopping) return stopping;
  const { exchange, config } = routed;
  const { headers } = exchange.request;
  const wrongOrigin = checkOrigin(routed, originsOf(routed));
  if (wrongOrigin !== undefined) return wrongOrigin;
  const subprotocols = admitSubprotocols(headers["sec-websocket-protocol"], config.subprotocols);
  if (subprotocols !== undefined && "refusal" in subprotocols) return subprotocols;
  return whenThere(
    takeUpgrade(routed, leases, undefined),
    (tooFast) => tooFast ?? enterCount(routed, subprotocols, leases),
  );
}

const stopping = refused("ERR_STOPPING", "the gateway is stopping");

/** Whose pages may connect: as the route has it, or else the listener. */
export function originsOf({ exchange, config }: Pick<Routed, "exchange" | "config">): readonly string[] {
  return config.origins.allow ?? exchange.origins;
}

function checkOrigin(
  { exchange, config }: Pick<Routed, "exchange" | "config">,
  allow: readonly string[],
): Refused | undefined {
  const { origin } = exchange.request.headers;
  const { isRequired } = config.origins;
  if (isOriginAllowed(origin, exchange.sender, { allow, isRequired })) return undefined;
  const whose = origin === undefined ? "a request without an Origin" : `the origin ${origin}`;
  const said = config.origins.allow === undefined ? "which the route does not set itself" : "of the route";
  return refused("ERR_ORIGIN", `${whose} is not in origins, ${said}: ${allow.join(", ") || "none"}`);
}

function admitSubprotocols(
  offered: string | undefined,
  rules: RouteConfig["subprotocols"],
): readonly string[] | undefined | Refused {
  let names: readonly string[] | undefined;
  try {
    names = offerSubprotocols(offered, rules);
  } catch (error) {
    return refused("ERR_BAD_HANDSHAKE", `Sec-WebSocket-Protocol: ${(error as SyntaxError).message}`);
  }
  if (!rules.isRequired || names?.length !== 0) return names;
  const wanted = rules.allow === undefined ? "any" : `one of ${rules.allow.join(", ")}`;
  return refused("ERR_SUBPROTOCOL", `expected an offer of ${wanted}`);
}

function enterCount(
  routed: Routed,
  subprotocols: Admitted["subprotocols"],
  leases: RateLeases,
): Soon<Admitted | Refused> {
  const { exchange, runtime, context } = routed;
  const { connections } = routed.config;
  const { address } = exchange.sender;
  const key = keyOf(connections.key, context, exchange.request.headers);
  return whenThere(runtime.connections.enter(connections, { address, key }), (entry) => {
    if (entry.isFull) return tooMany(entry, connections);
    return {
      subprotocols,
      countAttributes: (attributes) =>
        whenThere(
          takeUpgrade(routed, leases, attributes),
          (tooFast) => tooFast ?? enterKey(entry, attributeKey(connections.key, attributes), connections),
        ),
      leave: entry.leave,
    };
  });
}

function enterKey(
  entry: CountedConnection,
  key: string | undefined,
  limits: ConnectionLimits,
): Soon<Refused | undefined> {
  if (key === undefined) return undefined;
  return whenThere(entry.enterKey(key), (full) => full && tooMany(full, limits));
}

function tooMany({ limit, detail }: FullLimit, { retryAfterSeconds }: ConnectionLimits): Refused {
  const fields = limitFields({ name: "connections", quota: limit, retryAfterSeconds });
  return refused("ERR_TOO_MANY_CONNECTIONS", detail, fields);
}

function keyOf(
  { from, name }: ConnectionLimits["key"],
  { request }: RequestContext,
  headers: IncomingHttpHeaders,
): string | undefined {
  switch (from) {
    case "header":
      return headers[name]?.toString();
    case "query":
      return ownValue(request.query, name);
    case "param":
      return ownValue(request.params, name);
    case "attribute":
      return undefined;
  }
}

function attributeKey(
  { from, name }: ConnectionLimits["key"],
  attributes: Readonly<Record<string, unknown>>,
): string | undefined {
  const value = from === "attribute" ? ownValue(attributes, name) : undefined;
  return value === undefined || value === null ? undefined : JSON.stringify(value);
}
