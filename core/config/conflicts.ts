import type { ConfigProblem } from "./errors.ts";
import { pathKey } from "./path-pattern.ts";

/**
 * What is wrong between parts that are fine each by itself: two routes of one path, two listeners of one port. Reads
 * the input as it is written, so that these are told together with the problems of single values.
 */
export function findConflicts(input: unknown): ConfigProblem[] {
  if (!isObject(input)) return [];
  return [
    ...findTwinRoutes(input.routes),
    ...findSocketConflicts(input.listen),
    ...findTwinListeners(input.listen, input.console),
  ];
}

function findTwinRoutes(routes: unknown): ConfigProblem[] {
  const seen = new Map<string, number>();
  return listOf(routes).flatMap((route, index) => {
    if (!isObject(route) || typeof route.path !== "string") return [];
    const key = pathKey(route.path);
    const first = seen.get(key);
    if (first === undefined) {
      seen.set(key, index);
      return [];
    }
    const message = `expected a path of its own, got "${route.path}", which matches the same requests as routes[${first}]`;
    return [{ path: `routes[${index}].path`, message }];
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
  if (socket !== undefined) return String(socket);
  return port === 0 ? undefined : `${String(host)}:${String(port)}`;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
