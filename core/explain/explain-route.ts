import type { RouteConfig } from "../config/index.ts";
import { firstHeader } from "../net/headers.ts";
import { splitPeer } from "../net/peer.ts";
import type { RedactionRules } from "../redaction/rules.ts";
import { createRouter } from "../routes/router.ts";
import type { UpgradeRecord } from "../traffic/records.ts";
import type { ExplainedRoute, RouteCondition } from "./explanation.ts";

type Matched = Pick<RouteConfig, "name" | "path" | "match">;

type HeaderRules = Pick<RedactionRules, "redactHeader">;

/** What of a request routes are chosen by. */
type AskedUpgrade = Pick<UpgradeRecord, "path" | "client" | "request">;

/**
 * Why a request came to its route, by the routes as they are now.
 *
 * @param asked undefined: what it asked is not kept
 * @param rules hide what a route expects of a secret header
 */
export function explainRoute(
  name: string,
  asked: AskedUpgrade | undefined,
  routes: readonly Matched[],
  rules: HeaderRules,
): ExplainedRoute {
  const route = routes.find((each) => each.name === name);
  if (route === undefined) return { name, state: "gone", conditions: [], otherwise: "" };
  if (asked === undefined) return { name, state: "matches", conditions: [], otherwise: "" };
  const others = routes.filter((each) => each !== route);
  const find = (among: readonly Matched[]) =>
    findBy(
      among.map((each) => asKept(each, asked, rules)),
      asked,
    );
  return {
    name,
    state: find([route]) === undefined ? "changed" : "matches",
    conditions: conditionsOf(route, asked, rules),
    otherwise: find(others)?.name ?? "",
  };
}

function findBy(routes: readonly Matched[], { path, client, request }: AskedUpgrade): Matched | undefined {
  const headers = Object.fromEntries(request.map(([name, value]) => [name.toLowerCase(), value]));
  const [pathOnly = ""] = path.split("?");
  return createRouter(routes).find(pathOnly, headers, splitPeer(client).address)?.route;
}

/** A secret header is not kept as it was: that it was the right one cannot be told, but from the route. */
function asKept(route: Matched, { request }: AskedUpgrade, rules: HeaderRules): Matched {
  const kept = new Map(request.map(([name, value]) => [name.toLowerCase(), value]));
  const headers = Object.entries(route.match.headers).map(([name, expected]) => {
    const hidden = rules.redactHeader(name, expected);
    return [name, kept.get(name) === hidden ? hidden : expected];
  });
  return { ...route, match: { ...route.match, headers: Object.fromEntries(headers) } };
}

function conditionsOf(
  { path, match }: Matched,
  { path: askedPath, client, request }: AskedUpgrade,
  rules: HeaderRules,
): RouteCondition[] {
  const header = (wanted: string) => firstHeader(request, wanted) ?? "";
  const clients = { what: "client", expected: match.clients.join(", "), got: splitPeer(client).address };
  return [
    { what: "path", expected: path, got: askedPath.split("?")[0] ?? "" },
    { what: "host", expected: match.hosts.join(", "), got: header("host") },
    ...(match.clients.length === 0 ? [] : [clients]),
    ...Object.entries(match.headers).map(([name, value]) => ({
      what: `header ${name}`,
      expected: rules.redactHeader(name, value),
      got: header(name),
    })),
  ];
}
