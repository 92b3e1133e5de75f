import { z } from "zod";
import { canonicalNetwork } from "../../../net/networks.ts";
import { flag, networkText, section, text } from "../schema-parts.ts";
import { pathKey } from "./path-pattern.ts";

/** What a request must have beside its path. Plain JSON. */
export interface RouteMatch {
  /** In lower case; none: any host. */
  readonly hosts: readonly string[];
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Networks of clients, canonical; none: any client. */
  readonly clients: readonly string[];
}

const ANY_HOST = 'a host name such as "app.example.com" or "*.example.com", without a port';
const host = text(ANY_HOST).regex(
  /^(\*\.)?[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*$/i,
  {
    error: ANY_HOST,
  },
);

export const routeMatch = {
  name: text("a name for the log and the metrics")
    .optional()
    .describe(
      "What the log and the metrics call the route; no two may have the same. Default: the path, behind the hosts of `match` and before its headers.",
    ),
  match: section(
    "RouteMatchInput",
    {
      host: z
        .union(
          [
            host,
            z.array(host, { error: "a host name or a list of them" }).min(1, { error: "at least one host" }),
          ],
          {
            error: "a host name or a list of them",
          },
        )
        .optional()
        .describe(
          'Host names that the route is for: exact or as "*.example.com", one or a list, without a port. Default: any.',
        ),
      headers: z
        .record(z.string(), z.string({ error: "the value of a header" }), {
          error: "an object of header names and values",
        })
        .optional()
        .describe("Headers that the request must have, each with exactly this value. Default: none."),
      client: z
        .union(
          [
            networkText,
            z
              .array(networkText, { error: "a network or a list of them" })
              .min(1, { error: "at least one network" }),
          ],
          { error: "a network or a list of them" },
        )
        .optional()
        .describe(
          'Networks that the client\'s address must be in, such as "10.0.0.0/8", one or a list. Default: any.',
        ),
    },
    "an object such as { host, headers, client }",
  )
    .optional()
    .describe(
      "What a request must have beside its path, so that several routes can share one. Default: nothing.",
    ),
  enabled: flag()
    .prefault(true)
    .describe(
      "Whether the route is served; one that is not answers 404, and its open sessions get Close 1001.",
    ),
};

export function resolveMatch(input: z.output<typeof routeMatch.match>): RouteMatch {
  return {
    hosts: [input?.host ?? []].flat().map((name) => name.toLowerCase()),
    headers: Object.fromEntries(
      Object.entries(input?.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]),
    ),
    clients: [...new Set([input?.client ?? []].flat().map(canonicalNetwork))],
  };
}

/** What the log calls a route that has no name: "/chat", "a.example.com/chat", "/chat [x-version: 2]", "/chat [10.0.0.0/8]". */
export function defaultName(path: string, { hosts, headers, clients }: RouteMatch): string {
  const conditions = sortedEntries(headers).map(([name, value]) => `${name}: ${value}`);
  if (clients.length > 0) conditions.push(clients.join(", "));
  return `${hosts.join(",")}${path}${conditions.map((condition) => ` [${condition}]`).join("")}`;
}

/**
 * Two routes that have a key in common claim the same requests, and neither goes before the other. One key for each host with each
 * network.
 */
export function routeKeys(path: string, { hosts, headers, clients }: RouteMatch): readonly string[] {
  const condition = JSON.stringify(sortedEntries(headers));
  const rest = Object.keys(headers).length === 0 ? pathKey(path) : `${pathKey(path)} ${condition}`;
  const names = hosts.length === 0 ? [""] : [...new Set(hosts)];
  const places = clients.length === 0 ? [""] : clients.map((network) => ` ${network}`);
  return names.flatMap((name) => places.map((place) => `${name}${rest}${place}`));
}

/** Who claims each key, in their order. More than one: the key is contested. */
export function claimantsByKey<Claim extends { readonly keys: readonly string[] }>(
  claims: readonly Claim[],
): ReadonlyMap<string, readonly Claim[]> {
  const pairs = claims.flatMap((claim) => claim.keys.map((key) => ({ key, claim })));
  const byKey = Map.groupBy(pairs, ({ key }) => key);
  return new Map([...byKey].map(([key, found]) => [key, found.map(({ claim }) => claim)]));
}

function sortedEntries(headers: Readonly<Record<string, string>>): [string, string][] {
  return Object.entries(headers).sort(([a], [b]) => (a < b ? -1 : 1));
}
