import type { RequestContext } from "../sandbox/contract.ts";
import type { ClientCertificate } from "../sandbox/policy-api.ts";

/** The request that opens a connection, and who sends it. Every part has a default. */
export interface UpgradeRequest {
  /** Path and query. Default: "/". */
  readonly url?: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  /** What the `:name` parts of the route's path match. */
  readonly params?: Readonly<Record<string, string>>;
  readonly client?: {
    readonly address?: string;
    readonly port?: number;
    readonly tls?: boolean;
    readonly certificate?: ClientCertificate | null;
  };
  /** The path of the route. Default: that of the request. */
  readonly route?: string;
}

/** As the gateway describes a request to policies. */
export function describeUpgrade({
  url = "/",
  method = "GET",
  headers = {},
  params = {},
  ...rest
}: UpgradeRequest): RequestContext {
  const { pathname, searchParams } = new URL(url, "http://gateway");
  const queryAll = Map.groupBy(searchParams, ([name]) => name);
  const handshake = { Host: "gateway", Connection: "Upgrade", Upgrade: "websocket" };
  return {
    request: {
      method,
      url,
      path: pathname,
      params,
      query: Object.fromEntries([...queryAll].map(([name, pairs]) => [name, pairs[0]?.[1] ?? ""])),
      queryAll: Object.fromEntries(
        [...queryAll].map(([name, pairs]) => [name, pairs.map(([, value]) => value)]),
      ),
      headers: Object.entries({ ...handshake, ...headers }).flatMap(([name, value]) =>
        (typeof value === "string" ? [value] : value).map((each) => [name, each]),
      ),
    },
    client: { address: "127.0.0.1", port: 50_000, tls: false, certificate: null, ...rest.client },
    route: { path: rest.route ?? pathname },
  };
}
