import { suggestName } from "../../sandbox/suggestion.ts";
import type { ConfigProblem } from "./errors.ts";
import type { RouteConfig } from "./options/route/route.ts";
import type { UpstreamConfig } from "./options/upstream/upstream-config.ts";

/** What is wrong with where upstreams lead when they cannot be had: to a name that is none, or in a circle. */
export function findFailoverProblems(
  named: readonly UpstreamConfig[],
  routes: readonly Pick<RouteConfig, "upstream">[],
): ConfigProblem[] {
  const places = [
    ...named.map((upstream) => ({ upstream, path: `upstreams.${upstream.name}.onFailure` })),
    ...routes.flatMap(({ upstream }, index) =>
      typeof upstream === "string" || named.includes(upstream)
        ? []
        : [{ upstream, path: `routes[${index}].upstream.onFailure` }],
    ),
  ];
  return places.flatMap(({ upstream, path }) => findFailoverProblem(upstream, path, named));
}

/** The same of one upstream. @param path of the option */
export function findFailoverProblem(
  upstream: UpstreamConfig,
  path: string,
  named: readonly UpstreamConfig[],
): ConfigProblem[] {
  const { onFailure } = upstream;
  const known = new Map(named.map((each) => [each.name, each]));
  if (onFailure === undefined) return [];
  if (!known.has(onFailure)) return [{ path, message: wordUnknown(onFailure, [...known.keys()]) }];
  const way = followFailure(upstream, known);
  if (way === undefined) return [];
  return [{ path, message: `expected an upstream that does not lead back here, got ${way.join(" → ")}` }];
}

/** The way from an upstream back to itself; undefined when there is none. */
function followFailure(
  start: UpstreamConfig,
  known: ReadonlyMap<string, UpstreamConfig>,
): readonly string[] | undefined {
  const way = [start.name];
  let next = start.onFailure;
  while (next !== undefined && !way.includes(next)) {
    way.push(next);
    next = known.get(next)?.onFailure;
  }
  return next === start.name ? [...way, next] : undefined;
}

function wordUnknown(name: string, known: readonly string[]): string {
  const near = suggestName(name, known);
  const hint = near === undefined ? `known are ${known.join(", ") || "none"}` : `did you mean "${near}"?`;
  return `expected a name of \`upstreams\`, got "${name}"; ${hint}`;
}
