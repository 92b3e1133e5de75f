import type { IncomingMessage } from "node:http";

/** What the config has of a path. */
export interface Route {
  readonly path: string;
  readonly upstreamPort: number;
  readonly origins: ReadonlySet<string>;
  readonly mostConnections: number;
  connections: number;
}

export interface Refusal {
  readonly status: number;
}

const MOST_OF_ADDRESS = 100_000;
const KEY = /^[+/0-9A-Za-z]{22}==$/;

/** Finds an upgrade's route, checks its handshake (RFC 6455, 4.2.1), and counts it for as long as it lasts. */
export class Admission {
  readonly #routes: ReadonlyMap<string, Route>;
  readonly #byAddress = new Map<string, number>();

  constructor(routes: readonly Route[]) {
    this.#routes = new Map(routes.map((route) => [route.path, route]));
  }

  /** @returns the route, which has a connection more until `leave` */
  admit(
    { method, httpVersion, url = "", headers, rawHeaders }: IncomingMessage,
    address: string,
  ): Route | Refusal {
    const query = url.indexOf("?");
    const route = this.#routes.get(query === -1 ? url : url.slice(0, query));
    if (route === undefined) return { status: 404 };
    if (method !== "GET" || httpVersion !== "1.1") return { status: 405 };
    if (headers.upgrade?.toLowerCase() !== "websocket" || headers["sec-websocket-version"] !== "13")
      return { status: 426 };
    if (headers["transfer-encoding"] !== undefined || (headers["content-length"] ?? "0") !== "0")
      return { status: 400 };
    if (!isOneHost(rawHeaders) || !KEY.test(headers["sec-websocket-key"] ?? "")) return { status: 400 };
    if (headers.origin !== undefined && !route.origins.has(headers.origin)) return { status: 403 };
    const ofAddress = this.#byAddress.get(address) ?? 0;
    if (route.connections >= route.mostConnections || ofAddress >= MOST_OF_ADDRESS) return { status: 429 };
    route.connections++;
    this.#byAddress.set(address, ofAddress + 1);
    return route;
  }

  leave(route: Route, address: string): void {
    route.connections--;
    const left = (this.#byAddress.get(address) ?? 0) - 1;
    if (left > 0) this.#byAddress.set(address, left);
    else this.#byAddress.delete(address);
  }
}

function isOneHost(rawHeaders: readonly string[]): boolean {
  let count = 0;
  for (let i = 0; i < rawHeaders.length; i += 2)
    if (rawHeaders[i]?.length === 4 && rawHeaders[i]?.toLowerCase() === "host") count++;
  return count === 1;
}
