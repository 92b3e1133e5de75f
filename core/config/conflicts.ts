import { isNetwork } from "../net/networks.ts";
import type { ConfigProblem } from "./errors.ts";
import {
  claimantsByKey,
  defaultName,
  type RouteMatch,
  resolveMatch,
  routeKeys,
} from "./options/route/route-match.ts";

/**
 * What is wrong between parts that are fine each by itself: two routes for the same requests or of one name, two listeners of one port. Reads
 * the input as it is written, so that these are told together with the problems of single values.
 */
export function findConflicts(input: unknown): ConfigProblem[] {
  if (!isObject(input)) return [];
  return [
    ...findTwinRoutes(input.routes),
    ...findSocketConflicts(input.listen),
    ...findUnprovable(input.listen),
    ...findTwinListeners(input.listen, input.console),
  ];
}

function findTwinRoutes(input: unknown): ConfigProblem[] {
  const routes = listOf(input).flatMap((route, index) => readRoute(route, index) ?? []);
  const claimants = claimantsByKey(routes);
  const byName = new Map<string, number>();
  return routes.flatMap(({ path, name, keys, index }) => {
    const first = keys.map((key) => claimants.get(key)?.[0]).find((claimant) => claimant?.index !== index);
    if (first !== undefined) {
      const message = `expected a path of its own, got "${path}", which matches the same requests as routes[${first.index}]`;
      return [{ path: `routes[${index}].path`, message }];
    }
    const namesake = byName.get(name);
    if (namesake === undefined) {
      byName.set(name, index);
      return [];
    }
    const message = `expected a name of its own, got "${name}", which is that of routes[${namesake}] too`;
    return [{ path: `routes[${index}].name`, message }];
  });
}

function readRoute(route: unknown, index: number) {
  if (!isObject(route) || typeof route.path !== "string") return undefined;
  const { path, name } = route;
  const match = readMatch(route.match);
  return {
    path,
    name: typeof name === "string" ? name : defaultName(path, match),
    keys: routeKeys(path, match),
    index,
  };
}

/** As far as it is one: what is wrong with it, the schema says. */
function readMatch(match: unknown): RouteMatch {
  if (!isObject(match)) return resolveMatch(undefined);
  const host = [match.host].flat().filter((name) => typeof name === "string");
  const headers = isObject(match.headers) ? Object.entries(match.headers) : [];
  const client = [match.client]
    .flat()
    .filter((text) => typeof text === "string")
    .filter(isNetwork);
  return resolveMatch({
    ...{ host, client },
    headers: Object.fromEntries(
      headers.filter((field): field is [string, string] => typeof field[1] === "string"),
    ),
  });
}

function findTwinListeners(listen: unknown, console: unknown): ConfigProblem[] {
  const listeners = listOf(listen ?? [{}]).map((value, index) => ({
    path: `listen[${index}].port`,
    address: addressOf(value, 8080),
  }));
  const all =
    console === false
      ? listeners
      : [...listeners, { path: "console.port", address: addressOf(console ?? {}, 9090) }];
  return all.flatMap(({ path, address }, index) => {
    const twin = all.slice(0, index).find((other) => other.address === address);
    if (address === undefined || twin === undefined) return [];
    return [
      { path, message: `expected an address of its own, got ${address}, which is that of ${twin.path} too` },
    ];
  });
}

/** An authority that is to believe that names are this gateway's asks for them without TLS. */
function findUnprovable(listen: unknown): ConfigProblem[] {
  const listeners = listOf(listen);
  if (listeners.some((listener) => isObject(listener) && listener.tls === undefined)) return [];
  return listeners.flatMap((listener, index) =>
    isObject(listener) && isObject(listener.tls) && listener.tls.acme !== undefined
      ? {
          path: `listen[${index}].tls.acme`,
          message: "expected a listener without tls beside this one, where the authority asks: at port 80",
        }
      : [],
  );
}

function findSocketConflicts(listen: unknown): ConfigProblem[] {
  return listOf(listen).flatMap((listener, index) => {
    if (!isObject(listener) || listener.socket === undefined) return [];
    return ["host", "port"]
      .filter((option) => listener[option] !== undefined)
      .map((option) => ({
        path: `listen[${index}].${option}`,
        message: "expected nothing here, because socket is where this listener is",
      }));
  });
}

function addressOf(listener: unknown, defaultPort: number): string | undefined {
  if (!isObject(listener)) return undefined;
  const { host = "127.0.0.1", port = defaultPort, socket } = listener;
  if (socket !== undefined) return typeof socket === "string" ? socket : undefined;
  // What is no address, the schema says.
  if (typeof host !== "string" || typeof port !== "number" || port === 0) return undefined;
  return `${host}:${port}`;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
