import {
  ConfigError,
  type GatewayConfig,
  type RouteConfig,
  resolveRoute,
  routeKeys,
} from "../core/config/index.ts";
import { missingFromPack, parsePolicyName } from "../policies/pack/pack-name.ts";
import { suggestName } from "../policies/suggestion.ts";
import { checkOptions } from "../policies/use-options.ts";
import type { Problem } from "./check.ts";
import type { LoadedPolicy } from "./check-policies.ts";

interface NamedPolicy {
  readonly name: string;
  readonly file: string;
}

interface Claim {
  readonly route: RouteConfig;
  /** The file that has the route. */
  readonly file: string;
  /** Its place in that file: `routes[0]`, or `route` in a policy. */
  readonly option: string;
}

/**
 * What is wrong between the routes and the policies: names of policies that are not there, policies without hooks, two
 * routes for the same path.
 *
 * @param sources all policies of the folder, also those that could not be loaded
 */
export function findRouteProblems(
  config: GatewayConfig,
  sources: readonly NamedPolicy[],
  loaded: readonly LoadedPolicy[],
): Problem[] {
  const own = claimOwnRoutes(config, loaded);
  const configured = config.routes.map((route, index) => ({
    route,
    file: config.file ?? "config",
    option: `routes[${index}]`,
  }));
  const claims = [...configured, ...own.claims];
  return [
    ...own.problems,
    ...claims.flatMap((claim) => findUnknownNames(claim, sources)),
    ...claims.flatMap((claim) => findWrongOptions(claim, loaded)),
    ...findHookless(loaded),
    ...findTwins(claims),
  ];
}

function claimOwnRoutes(
  config: GatewayConfig,
  loaded: readonly LoadedPolicy[],
): { claims: Claim[]; problems: Problem[] } {
  const claims: Claim[] = [];
  const problems: Problem[] = [];
  for (const { file, exports } of loaded) {
    if (exports.route === undefined) continue;
    try {
      claims.push({ route: resolveRoute(exports.route, file, config), file, option: "route" });
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      problems.push(
        ...error.problems.map(({ path, message }) => ({ place: file, message: `${path}: ${message}` })),
      );
    }
  }
  return { claims, problems };
}

function findWrongOptions({ route, file, option }: Claim, loaded: readonly LoadedPolicy[]): Problem[] {
  if (route.policies === "*") return [];
  return route.policies.flatMap(({ use, options, enabled }, index) => {
    const policy = loaded.find(({ name }) => name === use);
    const checked = policy && enabled ? checkOptions(policy.exports.optionsSchema, options) : undefined;
    if (checked === undefined || "options" in checked) return [];
    const place = `${option}.policies[${index}], policy "${use}"`;
    return [{ place: file, message: `${place}: ${checked.problem}` }];
  });
}

function findUnknownNames({ route, file, option }: Claim, sources: readonly NamedPolicy[]): Problem[] {
  if (route.policies === "*") return [];
  const names = sources.map(({ name }) => name);
  return route.policies.flatMap(({ use }, index) => {
    if (names.includes(use)) return [];
    const pack = parsePolicyName(use)?.pack;
    if (pack !== undefined) {
      const message = `${option}.policies[${index}]: there is no policy "${use}"; ${missingFromPack(pack, names)}`;
      return [{ place: file, message }];
    }
    const suggestion = suggestName(use, names);
    const hint = suggestion === undefined ? listNames(names) : `did you mean "${suggestion}"?`;
    return [{ place: file, message: `${option}.policies[${index}]: there is no policy "${use}"; ${hint}` }];
  });
}

/** Also of a file that no chain names: a misspelt hook would otherwise pass for a file that is not meant to have any. */
function findHookless(loaded: readonly LoadedPolicy[]): Problem[] {
  return loaded
    .filter(({ exports }) => exports.hooks.length === 0)
    .map(({ file }) => ({
      place: file,
      message:
        "exports no hook: export a function named upgrade, client, server or close; a file that policies share is named with a leading `_`",
    }));
}

function findTwins(claims: readonly Claim[]): Problem[] {
  return claims.flatMap((claim, index) => {
    const { name, path, match } = claim.route;
    const before = claims.slice(0, index);
    const keys = routeKeys(path, match);
    const twin = before.find(({ route }) =>
      routeKeys(route.path, route.match).some((key) => keys.includes(key)),
    );
    if (twin !== undefined) {
      const message = `${claim.option}.path: "${path}" is taken by ${twin.option} of ${twin.file} already`;
      return [{ place: claim.file, message }];
    }
    const namesake = before.find(({ route }) => route.name === name);
    if (namesake === undefined) return [];
    const message = `${claim.option}.name: "${name}" is that of ${namesake.option} of ${namesake.file} already`;
    return [{ place: claim.file, message }];
  });
}

function listNames(names: readonly string[]): string {
  return names.length === 0 ? "the folder has none" : `the folder has ${names.join(", ")}`;
}
