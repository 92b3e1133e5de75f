import { type ServerResponse, STATUS_CODES } from "node:http";
import type { EntranceOptions } from "../listen/entrance.ts";
import type { HeaderFields } from "../net/headers.ts";
import type { Routed } from "../request/exchange.ts";
import { type IdentifyOptions, identify } from "../request/identify.ts";
import { REFUSAL_STATUS } from "../request/refusal.ts";
import { findRoute } from "../request/route.ts";
import type { RouteRuntime } from "../routes/route-runtime.ts";
import type { Router } from "../routes/router.ts";
import { corsFields, preflightFields } from "./cors.ts";

export type PlainHandler = EntranceOptions["onPlain"];

export interface PlainHandlerOptions extends IdentifyOptions {
  router(): Router<RouteRuntime>;
  /** What becomes of a request on a route that proxies plain HTTP. */
  proxy(routed: Routed, response: ServerResponse): void;
}

/** Requests without an upgrade: 404 where no route is, 426 where one is, unless it proxies them. */
export function createPlainHandler(options: PlainHandlerOptions): PlainHandler {
  return (request, response, rules) => {
    const exchange = identify(request, request.socket, options, rules);
    const routed = findRoute(exchange, options.router());
    if ("refusal" in routed) {
      const status = REFUSAL_STATUS[routed.refusal.code];
      return answer(response, status, `${status} ${STATUS_CODES[status]}\n`);
    }
    const { config } = routed;
    const preflight = preflightFields(routed);
    if (preflight !== undefined) return void response.writeHead(204, preflight.flat()).end();
    if (config.http === "proxy") return options.proxy(routed, response);
    const cors = corsFields(routed) ?? [];
    answer(response, 426, "426 Upgrade Required: this path speaks WebSocket\n", [...UPGRADE_FIELDS, ...cors]);
  };
}

/** RFC 9110 section 15.5.22: a 426 names what to upgrade to. */
const UPGRADE_FIELDS: HeaderFields = [
  ["Connection", "Upgrade"],
  ["Upgrade", "websocket"],
  ["Sec-WebSocket-Version", "13"],
];

function answer(response: ServerResponse, status: number, text: string, fields: HeaderFields = []): void {
  const headers = Object.fromEntries([["Content-Type", "text/plain; charset=utf-8"], ...fields]);
  response.writeHead(status, headers).end(text);
}
