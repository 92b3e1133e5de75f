import type { IncomingMessage } from "node:http";
import type { ClientCertificate } from "../../sandbox/policy-api.ts";
import { readRawHeaders } from "./headers.ts";
import type { Sender } from "./sender.ts";

/** The parts of the upgrade context that are known when the request has come, as plain JSON. */
export interface RequestContext {
  readonly request: {
    readonly method: string;
    readonly url: string;
    readonly path: string;
    readonly params: Readonly<Record<string, string>>;
    readonly query: Readonly<Record<string, string>>;
    readonly queryAll: Readonly<Record<string, readonly string[]>>;
    readonly headers: readonly (readonly [string, string])[];
  };
  readonly client: {
    readonly address: string;
    readonly port: number;
    readonly tls: boolean;
    readonly certificate: ClientCertificate | null;
  };
  readonly route: { readonly path: string };
}

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
