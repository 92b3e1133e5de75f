import { z } from "zod";
import { flag, section, text } from "../schema-parts.ts";
import { pathKey } from "./path-pattern.ts";

/** What a request must have beside its path. Plain JSON. */
export interface RouteMatch {
  /** In lower case; none: any host. */
  readonly hosts: readonly string[];
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
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
    },
    "an object such as { host, headers }",
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
  };
}

/** What the log calls a route that has no name: "/chat", "a.example.com/chat", "/chat [x-version: 2]". */
export function defaultName(path: string, { hosts, headers }: RouteMatch): string {
  const conditions = sortedEntries(headers).map(([name, value]) => ` [${name}: ${value}]`);
  return `${hosts.join(",")}${path}${conditions.join("")}`;
}

/** Two routes that have a key in common claim the same requests, and neither goes before the other. One key a host. */
export function routeKeys(path: string, { hosts, headers }: RouteMatch): readonly string[] {
  const condition = JSON.stringify(sortedEntries(headers));
  const rest = Object.keys(headers).length === 0 ? pathKey(path) : `${pathKey(path)} ${condition}`;
  return hosts.length === 0 ? [rest] : [...new Set(hosts)].map((name) => `${name}${rest}`);
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
