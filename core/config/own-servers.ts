import { formatAddress, type NetAddress } from "../net/address.ts";
import { endpointOf } from "../net/endpoint.ts";
import { blocksHost, createOwnAddresses } from "../net/own-addresses.ts";
import { parseUnixUrl } from "../net/target.ts";
import type { ConfigProblem } from "./errors.ts";
import type { GatewayConfig } from "./gateway-config.ts";
import type { RouteConfig } from "./options/route/route.ts";

type Upstream = RouteConfig["upstream"];

/** Servers of the config that are the gateway itself, as far as their URLs tell; what names stand for, the dial sees. */
export function findOwnServers(
  config: Pick<GatewayConfig, "upstreams" | "routes" | "listen" | "console" | "upstreamOverride">,
): ConfigProblem[] {
  return [
    ...config.upstreams.flatMap((upstream) => findOwn(upstream, `upstreams.${upstream.name}`, config)),
    ...config.routes.flatMap(({ upstream, mirror }, index) => [
      ...findOwnOfRoute(upstream, `routes[${index}].upstream`, config),
      ...(mirror === undefined
        ? []
        : findOwnOfRoute(mirror.upstream, `routes[${index}].mirror.upstream`, config)),
    ]),
  ];
}

/** Of what stands in the route itself. @param path as below */
function findOwnOfRoute(
  upstream: Upstream,
  path: string,
  config: Pick<GatewayConfig, "upstreams" | "listen" | "console" | "upstreamOverride">,
): ConfigProblem[] {
  const isElsewhere = upstream === config.upstreamOverride || config.upstreams.includes(upstream as never);
  return isElsewhere ? [] : findOwn(upstream, path, config);
}

/** @param path of the upstream, for the problem */
function findOwn(
  upstream: Upstream,
  path: string,
  { listen, console }: Pick<GatewayConfig, "listen" | "console">,
): ConfigProblem[] {
  const targets = typeof upstream === "string" ? [{ url: upstream }] : upstream.targets;
  const doors = listen.map((address, index) => ({ address, option: `listen[${index}]` }));
  const all = console === false ? doors : [...doors, { address: console, option: "console" }];
  return targets.flatMap((target) => {
    const own = all.find(({ address }) => leadsTo(target, address));
    if (own === undefined) return [];
    const message = `expected a server, got "${target.url}", which is where the gateway itself listens (${own.option}, ${formatAddress(own.address)})`;
    return [{ path, message }];
  });
}

function leadsTo(target: { readonly url: string; readonly socket?: string }, address: NetAddress): boolean {
  const socket = target.socket ?? parseUnixUrl(target.url)?.socketPath;
  if (socket !== undefined) return socket === address.socket;
  const url = URL.parse(target.url);
  const endpoint = url === null ? undefined : endpointOf(url);
  const list = endpoint && createOwnAddresses([address], () => []).at(endpoint.port);
  return list !== undefined && endpoint !== undefined && blocksHost(list, endpoint.host);
}
