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
    entry.plain(request, response, rules);
    return true;
  }
  if (url !== undefined) request.url = url;
  return false;
}
