import type { IncomingHttpHeaders } from "node:http";
import type { RequestContext } from "../../sandbox/contract.ts";
import type { ConnectionLimits } from "../config/index.ts";
import type { RouteRuntime } from "../routes/route-runtime.ts";
import { isOriginAllowed } from "./origin.ts";
import { badHandshake, type Refusal } from "./refusal.ts";
import type { Sender } from "./sender.ts";
import { offerSubprotocols } from "./subprotocols.ts";

export interface Admitted {
  /** What of the client's subprotocols the server hears of; undefined: what the client sent. */
  readonly subprotocols: readonly string[] | undefined;
  /** Counts it by an attribute as well, where the route says so: to be asked once the policies have set them. */
  readonly admitAttributes: (attributes: Readonly<Record<string, unknown>>) => Refusal | undefined;
  /** Counts the connection out. */
  readonly leave: () => void;
}

/** What the route itself says about a client, before its policies are asked: origin, subprotocols, connections. */
export function admit(
  runtime: RouteRuntime,
  headers: IncomingHttpHeaders,
  sender: Sender,
  context: RequestContext,
): Admitted | { readonly refusal: Refusal } {
  const { origins, subprotocols: rules, connections } = runtime.config;
  if (!isOriginAllowed(headers.origin, sender, origins)) {
    const shown =
      headers.origin === undefined ? "a request without an Origin" : `the origin ${headers.origin}`;
    return { refusal: { code: "ERR_ORIGIN", detail: `${shown} is not in the route's origins` } };
  }
  const subprotocols = readSubprotocols(headers["sec-websocket-protocol"], rules);
  if (subprotocols instanceof SyntaxError)
    return { refusal: badHandshake(400, `Sec-WebSocket-Protocol: ${subprotocols.message}`) };
  if (rules.isRequired && subprotocols?.length === 0) {
    const wanted = rules.allow === undefined ? "any" : `one of ${rules.allow.join(", ")}`;
    return { refusal: { code: "ERR_SUBPROTOCOL", detail: `expected an offer of ${wanted}` } };
  }
  const entry = runtime.connections.enter(connections, {
    address: sender.address,
    key: keyOf(connections.key, context, headers),
  });
  if (entry.isFull) return { refusal: tooMany(entry.detail, connections) };
  return {
    subprotocols,
    admitAttributes(attributes) {
      const key = attributeKey(connections.key, attributes);
      const full = key === undefined ? undefined : entry.enterKey(key);
      return full === undefined ? undefined : tooMany(full, connections);
    },
    leave: entry.leave,
  };
}

function tooMany(detail: string, { retryAfterSeconds }: ConnectionLimits): Refusal {
  const headers = [["Retry-After", String(retryAfterSeconds)] as const];
  return { code: "ERR_TOO_MANY_CONNECTIONS", detail, headers };
}

function readSubprotocols(
  offered: string | undefined,
  rules: RouteRuntime["config"]["subprotocols"],
): readonly string[] | undefined | SyntaxError {
  try {
    return offerSubprotocols(offered, rules);
  } catch (error) {
    return error as SyntaxError;
  }
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
      return Object.hasOwn(request.query, name) ? request.query[name] : undefined;
    case "param":
      return Object.hasOwn(request.params, name) ? request.params[name] : undefined;
    case "attribute":
      return undefined;
  }
}

function attributeKey(
  { from, name }: ConnectionLimits["key"],
  attributes: Readonly<Record<string, unknown>>,
): string | undefined {
  const value = from === "attribute" && Object.hasOwn(attributes, name) ? attributes[name] : undefined;
  return value === undefined || value === null ? undefined : JSON.stringify(value);
}
