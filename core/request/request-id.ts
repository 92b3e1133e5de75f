import type { IncomingHttpHeaders } from "node:http";
import type { RouteConfig } from "../config/index.ts";

/** The id that goes with a request to the server and back to the client; undefined when the route sends none. */
export function requestIdField(
  { requestId }: Pick<RouteConfig, "requestId">,
  id: string,
  headers: IncomingHttpHeaders,
): readonly [name: string, value: string] | undefined {
  if (requestId === undefined) return undefined;
  const given = requestId.isTrusted ? headers[requestId.header] : undefined;
  // Printable, of one line and short: it ends up in the logs of others.
  const isFit = typeof given === "string" && /^[\x21-\x7e]{1,128}$/.test(given);
  return [requestId.header, isFit ? given : id];
}
