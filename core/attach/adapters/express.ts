import type { IncomingMessage, ServerResponse } from "node:http";
import type { AttachedGateway } from "../attached-gateway.ts";

/** Middleware for Express, Connect, and what else calls `(request, response, next)`. */
export type ExpressMiddleware = (
  request: IncomingMessage,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => void;

/** Plain requests on routes of the gateway are answered as the gateway does; all others go on. */
export function expressGateway(gateway: Pick<AttachedGateway, "handle">): ExpressMiddleware {
  return (request, response, next) => {
    if (!gateway.handle(request, response)) next();
  };
}
