import type { z } from "zod";
import { suggestName } from "../../../../sandbox/suggestion.ts";
import { UPSTREAM_NAME } from "../../../net/target.ts";
import type { ConfigProblem } from "../../errors.ts";
import { resolveUpstream, type UpstreamConfig } from "../upstream/upstream-config.ts";
import type { routeUpstreamSchema } from "../upstream/upstream-schema.ts";

export interface UpstreamChoice {
  /** What relative paths are relative to. */
  readonly dir: string;
  /** The named ones. */
  readonly upstreams: readonly UpstreamConfig[];
  readonly problems: ConfigProblem[];
}

/**
 * The upstream that a route names, or one of its own.
 *
 * @param place of the route, for problems
 */
export function resolveRouteUpstream(
  { name: route, upstream }: { name: string; upstream: z.output<typeof routeUpstreamSchema> },
  place: string,
  { dir, upstreams, problems }: UpstreamChoice,
): string | UpstreamConfig {
  const path = `${place}.upstream`;
  if (typeof upstream !== "string")
    return resolveUpstream(upstream, `route ${route}`, { dir, path, problems });
  return findUpstream(upstream, path, { upstreams, problems });
}

/** A server by its URL, or the upstream of this name. @param path of the option, for problems */
export function findUpstream(
  upstream: string,
  path: string,
  { upstreams, problems }: Pick<UpstreamChoice, "upstreams" | "problems">,
): string | UpstreamConfig {
  if (!UPSTREAM_NAME.test(upstream)) return upstream;
  const found = upstreams.find(({ name }) => name === upstream);
  if (found !== undefined) return found;
  const names = upstreams.map(({ name }) => name);
  const near = suggestName(upstream, names);
  const known = names.length === 0 ? "there are none" : `known are ${names.join(", ")}`;
  const hint = near === undefined ? known : `did you mean "${near}"?`;
  const message = `expected a URL such as "http://127.0.0.1:9000" or a name of \`upstreams\`, got "${upstream}"; ${hint}`;
  problems.push({ path, message });
  return upstream;
}
