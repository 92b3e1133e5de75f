import type { IncomingMessage, ServerResponse } from "node:http";
import type { EntranceRules } from "../listen/entrance.ts";
import type { Entry } from "../listen/entry.ts";

/** Answers a plain request of somebody else's server if it is for a route. @returns false: nothing was done with it */
export function answerOwnPlain(
  entry: Pick<Entry, "concerns" | "plain">,
  rules: EntranceRules,
  request: IncomingMessage & { readonly originalUrl?: unknown },
  response: ServerResponse,
): boolean {
  const { url, originalUrl } = request;
  // Express and Connect take off it what they are mounted at, Fastify rewrites it. What an upgrade is judged by is what was sent.
  if (typeof originalUrl === "string") request.url = originalUrl;
  if (entry.concerns(request)) {
    if (request.httpVersionMajor === 1) entry.plain(request, response, rules);
    else refuse(response);
    return true;
  }
  if (url !== undefined) request.url = url;
  return false;
}

/** Fields of a connection, as a 426 and a proxy have them, end a program that writes them to HTTP/2. */
function refuse(response: ServerResponse): void {
  response.writeHead(505, { "Content-Type": "text/plain; charset=utf-8" });
  response.end("505 HTTP Version Not Supported: this path speaks HTTP/1.1\n");
}
