import type { UpstreamConfig } from "../../../config/index.ts";
import type { DrainPlace } from "../../../steering/drain-schedule.ts";
import { AdminError } from "../../errors.ts";
import type { GatewayView } from "../../gateway-view.ts";
import { knownRoutes } from "../known-routes.ts";

/** The config's own, and those that routes have for themselves, by name. */
export function knownUpstreams(
  view: Pick<GatewayView, "config" | "table">,
): ReadonlyMap<string, UpstreamConfig> {
  const ofRoutes = (view.table()?.routes ?? []).flatMap(({ config: { upstream } }) =>
    typeof upstream === "string" ? [] : [upstream],
  );
  return new Map([...ofRoutes, ...view.config().upstreams].map((upstream) => [upstream.name, upstream]));
}

/** @throws AdminError when there is no such upstream, or it has no such server */
export function requireServer(
  view: Pick<GatewayView, "config" | "table">,
  name: string,
  target: string | undefined,
): DrainPlace {
  const upstreams = knownUpstreams(view);
  const targets = upstreams.get(name)?.targets.map(({ url }) => url);
  if (targets === undefined) {
    const known = [...upstreams.keys()].join(", ") || "none";
    const isOfRoute = knownRoutes(view).includes(name);
    const hint = isOfRoute
      ? `. The route "${name}" names its server itself, and not below \`upstreams\`: drain the route`
      : "";
    throw new AdminError("ERR_NOT_FOUND", `no upstream "${name}"; there are: ${known}${hint}`);
  }
  if (target === undefined) return { kind: "upstream", name };
  if (targets.includes(target)) return { kind: "upstream", name, target };
  const message = `the upstream "${name}" has no server "${target}"; it has: ${targets.join(", ")}`;
  throw new AdminError("ERR_NOT_FOUND", message);
}
