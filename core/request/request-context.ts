import type { IncomingMessage } from "node:http";
import type { RequestContext } from "../../sandbox/contract.ts";
import { readRawHeaders } from "../net/headers.ts";
import type { Sender } from "./sender.ts";

export function describeRequest(
  request: Pick<IncomingMessage, "method" | "url" | "rawHeaders">,
  { address, port, tls, certificate }: Pick<Sender, "address" | "port" | "tls" | "certificate">,
  route: string,
  params: Readonly<Record<string, string>>,
): RequestContext {
  const url = request.url ?? "/";
  const mark = url.indexOf("?");
  const { query, queryAll } = mark === -1 ? { query: {}, queryAll: {} } : readQuery(url.slice(mark));
  return {
    request: {
      method: request.method ?? "GET",
      url,
      path: pathOf(url),
      params,
      query,
      queryAll,
      headers: readRawHeaders(request.rawHeaders),
    },
    client: { address, port, tls, certificate },
    route: { path: route },
  };
}

function readQuery(text: string): Pick<RequestContext["request"], "query" | "queryAll"> {
  const values = new Map<string, [first: string, ...string[]]>();
  for (const [name, value] of new URLSearchParams(text)) {
    const known = values.get(name);
    if (known === undefined) values.set(name, [value]);
    else known.push(value);
  }
  return {
    // A parameter may be called `__proto__`: these make own keys of all names.
    query: Object.fromEntries([...values].map(([name, [first]]) => [name, first])),
    queryAll: Object.fromEntries(values),
  };
}

export function pathOf(url: string): string {
  const mark = url.indexOf("?");
  return mark === -1 ? url : url.slice(0, mark);
}
