import type { IncomingMessage, ServerResponse } from "node:http";
import type { BlockList } from "node:net";
import { pathOf } from "../request/request-context.ts";
import { readSender, type Sender } from "../request/sender.ts";
import type { RouteRuntime } from "../routes/route-runtime.ts";
import { decodePath, type Found, type Router } from "../routes/router.ts";
import { corsFields, preflightFields } from "./cors.ts";

export type PlainHandler = (request: IncomingMessage, response: ServerResponse) => void;

export interface PlainHandlerOptions {
  router(): Router<RouteRuntime>;
  /** Proxies whose word about the client is taken; undefined: nobody's. */
  readonly trusted: BlockList | undefined;
  proxy(found: Found<RouteRuntime>, request: IncomingMessage, sender: Sender, response: ServerResponse): void;
}

/** Requests without an upgrade: 404 where no route is, 426 where one is, unless it proxies them. */
export function createPlainHandler({ router, trusted, proxy }: PlainHandlerOptions): PlainHandler {
  return (request, response) => {
    const path = pathOf(request.url ?? "/");
    if (decodePath(path) === undefined) return answer(response, 400, "400 Bad Request\n");
    const found = router().find(path, request.headers);
    if (found?.route.config.enabled !== true) return answer(response, 404, "404 Not Found\n");
    const { config } = found.route;
    const sender = readSender(request, request.socket, trusted);
    const preflight = preflightFields(config, request, sender);
    if (preflight !== undefined) return void response.writeHead(204, preflight.flat()).end();
    if (config.http === "proxy") return proxy(found, request, sender, response);
    // RFC 9110 section 15.5.22: a 426 names what to upgrade to.
    const headers = { Connection: "Upgrade", Upgrade: "websocket", "Sec-WebSocket-Version": "13" };
    const cors = Object.fromEntries(corsFields(config, request, sender) ?? []);
    answer(response, 426, "426 Upgrade Required: this path speaks WebSocket\n", { ...headers, ...cors });
  };
}

function answer(
  response: ServerResponse,
  status: number,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { "Content-Type": "text/plain; charset=utf-8", ...headers }).end(text);
}
