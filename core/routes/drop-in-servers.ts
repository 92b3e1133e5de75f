import { type ConfigProblem, type GatewayConfig, invalidConfig, type RouteConfig } from "../config/index.ts";
import { createAllowList } from "../upstream/allow-list.ts";

type Upstream = RouteConfig["upstream"];

/** A place that a route connects to. */
interface Place {
  readonly url: string;
  readonly socket?: string;
}

/**
 * A policy file's route, that leads nowhere the config does not, and leaves policies where the config has them. Who may
 * write to the policy folder decides about the traffic that comes in; which servers the gateway can be made to connect to,
 * and whose code it trusts with a worker, is decided by who writes the config.
 *
 * @param file the policy's, for the message
 * @throws ConfigError
 */
export function confineRoute(route: RouteConfig, file: string, config: GatewayConfig): RouteConfig {
  const isAllowed = createPlaceCheck(config);
  // What stands in for all servers is the word of who started the gateway.
  const places = route.upstream === config.upstreamOverride ? [] : placesOf(route.upstream);
  const problems = [
    ...places.filter((place) => !isAllowed(place)).map(wordForeign),
    ...route.connectAllow.filter((pattern) => !config.connectAllow.includes(pattern)).map(wordPattern),
    ...findTrust(route),
    ...findShadows(route),
  ];
  if (problems.length > 0) throw invalidConfig(file, problems);
  const { replaced } = route;
  return replaced === undefined
    ? route
    : { ...route, replaced: replaced.filter((url) => isAllowed({ url })) };
}

function findTrust({ isolation, policies }: RouteConfig): ConfigProblem[] {
  const problem = (path: string): ConfigProblem => ({
    path,
    message: `expected "shared" or "own", got "worker"; if it is meant, say it in the config`,
  });
  const uses = policies === "*" ? [] : policies;
  return [
    ...(isolation === "worker" ? [problem("route.isolation")] : []),
    ...uses.flatMap((use, index) =>
      use.isolation === "worker" ? [problem(`route.policies[${index}].isolation`)] : [],
    ),
  ];
}

/** Which files of this machine are read and run is no word of who writes a policy. */
function findShadows({ shadow, policies }: RouteConfig): ConfigProblem[] {
  const uses = policies === "*" ? [] : policies;
  const places = [
    ...(shadow ? ["route.shadow"] : []),
    ...uses.flatMap((use, index) => (use.shadow ? [`route.policies[${index}].shadow`] : [])),
  ];
  const message = "expected none in a route that a policy brings: which files are run, the config says";
  return places.map((path) => ({ path, message }));
}

function createPlaceCheck(config: GatewayConfig): (place: Place) => boolean {
  const configured = [
    ...config.upstreams,
    ...config.routes.flatMap(({ upstream, replaced = [] }) => [upstream, ...replaced]),
  ];
  const known = new Set(configured.flatMap(placesOf).map(keyOf));
  const { isAllowed } = createAllowList(configured);
  return (place) =>
    known.has(keyOf(place)) || (place.socket === undefined && isAllowed(place.url, config.connectAllow));
}

/** The servers, and the proxy before them. */
function placesOf(upstream: Upstream): Place[] {
  if (typeof upstream === "string") return [{ url: upstream }];
  const { targets, proxy } = upstream;
  return [...targets, ...(proxy === undefined ? [] : [{ url: proxy }])];
}

function keyOf({ url, socket = "" }: Place): string {
  return `${url}\n${socket}`;
}

function wordForeign({ url, socket }: Place): ConfigProblem {
  const parsed = URL.parse(url);
  const isSocket = socket !== undefined || parsed?.host === "";
  const shown = socket ?? (isSocket ? url : `${parsed?.protocol}//${parsed?.host}`);
  const remedy = isSocket
    ? "name it in `upstreams` of the config"
    : `name it in \`upstreams\` of the config, or add "${shown}" to its \`connect.allow\``;
  return {
    path: "route.upstream",
    message: `expected a server that the config names or allows, got "${shown}"; if it is meant, ${remedy}`,
  };
}

function wordPattern(pattern: string): ConfigProblem {
  return {
    path: "route.connect.allow",
    message: `expected patterns of the config's \`connect.allow\`, got "${pattern}"; if it is meant, add it there`,
  };
}
