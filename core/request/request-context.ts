import type { IncomingMessage } from "node:http";
import type { RequestContext } from "../../sandbox/contract.ts";
import { readRawHeaders } from "../net/headers.ts";
import type { Sender } from "./sender.ts";

export function describeRequest(
  request: IncomingMessage,
  { address, port, tls, certificate }: Sender,
  route: string,
  params: Readonly<Record<string, string>>,
): RequestContext {
  const url = request.url ?? "/";
  const mark = url.indexOf("?");
  const queryAll: Record<string, string[]> = {};
  for (const [name, value] of new URLSearchParams(mark === -1 ? "" : url.slice(mark))) {
    // Own keys only: a parameter may be called `__proto__`.
    if (Object.hasOwn(queryAll, name)) queryAll[name].push(value);
    else Object.defineProperty(queryAll, name, { value: [value], enumerable: true });
  }
  return {
    request: {
      method: request.method ?? "GET",
      url,
      path: pathOf(url),
      params,
      query: Object.fromEntries(Object.entries(queryAll).map(([name, values]) => [name, values[0]])),
      queryAll,
      headers: readRawHeaders(request.rawHeaders),
    },
    client: { address, port, tls, certificate },
    route: { path: route },
  };
}

export function pathOf(url: string): string {
  const mark = url.indexOf("?");
  return mark === -1 ? url : url.slice(0, mark);
}
