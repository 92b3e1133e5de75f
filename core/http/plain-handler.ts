import { type ServerResponse, STATUS_CODES } from "node:http";
import type { EntranceOptions } from "../listen/entrance.ts";
import type { HeaderFields } from "../net/headers.ts";
import type { Routed } from "../request/exchange.ts";
import { type IdentifyOptions, identify } from "../request/identify.ts";
import { REFUSAL_STATUS, type Refusal } from "../request/refusal.ts";
import { findRoute } from "../request/route.ts";
import type { RouteRuntime } from "../routes/route-runtime.ts";
import type { Router } from "../routes/router.ts";
import { corsFields, preflightFields } from "./cors.ts";
import { carriesMessages } from "./polling.ts";
import { type RequestNotes, type RequestObserver, watchRequest } from "./request-observer.ts";

export type PlainHandler = EntranceOptions["onPlain"];

export interface PlainHandlerOptions extends IdentifyOptions {
  readonly observer: RequestObserver;
  router(): Router<RouteRuntime>;
  /** What becomes of a request that a route passes on. */
  proxy(routed: Routed, response: ServerResponse): void;
}

/** Requests without an upgrade: 404 where no route is, 426 where one is, unless it proxies them, or those that poll for no messages. */
export function createPlainHandler(options: PlainHandlerOptions): PlainHandler {
  return (request, response, rules) => {
    const exchange = identify(request, request.socket, options, rules);
    const own = (status: number, text: string, fields: HeaderFields, refusal?: Refusal): void => {
      const notes = watchRequest(exchange, response, options.observer);
      answer(response, { status, text, fields, refusal, notes });
    };
    const routed = findRoute(exchange, options.router());
    if ("refusal" in routed) {
      const status = REFUSAL_STATUS[routed.refusal.code];
      return own(status, `${status} ${STATUS_CODES[status]}\n`, [], routed.refusal);
    }
    const { config } = routed;
    const preflight = preflightFields(routed);
    if (preflight !== undefined) return own(204, "", preflight);
    const isPolling = config.http === "refuse-polling" && carriesMessages(request);
    if (config.http !== "refuse" && !isPolling) return options.proxy(routed, response);
    const cors = corsFields(routed) ?? [];
    const why = isPolling ? "messages come by WebSocket here, not by polling" : "this path speaks WebSocket";
    own(426, `426 Upgrade Required: ${why}\n`, [...UPGRADE_FIELDS, ...cors]);
  };
}

/** RFC 9110 section 15.5.22: a 426 names what to upgrade to. */
const UPGRADE_FIELDS: HeaderFields = [
  ["Connection", "Upgrade"],
  ["Upgrade", "websocket"],
  ["Sec-WebSocket-Version", "13"],
];

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly fields: HeaderFields;
  readonly refusal: Refusal | undefined;
  readonly notes: RequestNotes | undefined;
}

function answer(response: ServerResponse, { status, text, fields, refusal, notes }: Answer): void {
  const headers: HeaderFields = text === "" ? fields : [TEXT_FIELD, ...fields];
  if (notes !== undefined) {
    notes.refusal = refusal;
    notes.answer(response, status, headers, text);
    notes.done();
  }
  response.writeHead(status, headers.flat()).end(text);
}

const TEXT_FIELD = ["Content-Type", "text/plain; charset=utf-8"] as const;
