import type { IncomingMessage, ServerResponse } from "node:http";
import type { AttachedGateway } from "../attached-gateway.ts";

/** What of a context is used: Node's own objects are there where `@hono/node-server` serves. */
export interface HonoContext {
  readonly env: { readonly incoming?: IncomingMessage; readonly outgoing?: ServerResponse } | unknown;
}

export type HonoMiddleware = (
  context: HonoContext,
  next: () => Promise<void>,
) => Promise<Response | undefined>;

/**
 * Plain requests on routes of the gateway are answered as the gateway does; all others go on. Rejects where the app is not
 * served by `@hono/node-server`.
 */
export function honoGateway(gateway: Pick<AttachedGateway, "handle">): HonoMiddleware {
  return async ({ env }, next) => {
    const { incoming, outgoing } = (env ?? {}) as NodeBindings;
    if (incoming === undefined || outgoing === undefined)
      throw new Error(
        "honoGateway: expected an app that `serve` of @hono/node-server serves, got a request without Node's own objects; serve it so, or leave this middleware out",
      );
    if (gateway.handle(incoming, outgoing)) return alreadySent();
    await next();
    return undefined;
  };
}

interface NodeBindings {
  readonly incoming?: IncomingMessage;
  readonly outgoing?: ServerResponse;
}

/** By its field `@hono/node-server` knows that there is nothing left to do. */
function alreadySent(): Response {
  const response = new Response(null, { headers: { "x-hono-already-sent": "true" } });
  // While its server runs, its own light response stands in for the global one: that looks at no field until it is a whole one.
  void response.body;
  return response;
}
