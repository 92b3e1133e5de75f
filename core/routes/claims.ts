import type { PolicyBundle, PolicyExports } from "../../sandbox/contract.ts";
import {
  ConfigError,
  claimantsByKey,
  type GatewayConfig,
  type PolicyUse,
  type RouteConfig,
  resolveRoute,
  routeKeys,
} from "../config/index.ts";
import { confineRoute } from "./drop-in-servers.ts";
import type { RoutePlace, RouteProblem } from "./problems.ts";

/** A policy, as far as routes care. */
export interface PlannedPolicy {
  readonly name: string;
  readonly file: string;
  /** The newest version that could be loaded. */
  readonly current?: { readonly exports: PolicyExports };
  /** The version that is on its way. */
  readonly canary?: { readonly exports: PolicyExports; readonly bundle: Pick<PolicyBundle, "version"> };
  readonly deleted?: boolean;
}

/** A route that the config or a policy wants to be. */
export interface RouteClaim extends RoutePlace {
  readonly config: RouteConfig;
  readonly keys: readonly string[];
  readonly uses: readonly ClaimedUse[];
}

export interface ClaimedUse extends PolicyUse {
  /** What says so: `routes[0].policies[1]`. */
  readonly option: string;
}

export interface SettledClaims {
  readonly winners: readonly RouteClaim[];
  /** Which file brought each route, by each of its keys. */
  readonly owners: ReadonlyMap<string, string>;
  readonly problems: readonly RouteProblem[];
}

/** @param folder what "*" stands for, in this route */
export function claimConfigured(
  config: GatewayConfig,
  folder: (route: string) => readonly PolicyUse[],
): RouteClaim[] {
  return config.routes.map((route, index) => {
    const option = `routes[${index}]`;
    return {
      file: config.file ?? "the config",
      option,
      config: route,
      keys: routeKeys(route.path, route.match),
      uses:
        route.policies === "*"
          ? folder(route.name).map((use) => ({ ...use, option: `${option}.policies` }))
          : listedUses(route.policies, option),
    };
  });
}

/** The route that a policy brings itself: its chain is what the route lists, then the policy. */
export function claimDropIn(
  policy: PlannedPolicy,
  config: GatewayConfig,
): RouteClaim | RouteProblem | undefined {
  const { name, file, current, deleted } = policy;
  const input = current?.exports.route;
  if (input === undefined || deleted) return undefined;
  try {
    const route = confineRoute(resolveRoute(input, file, config), file, config);
    const option = "route";
    const listed = listedUses(route.policies === "*" ? [] : route.policies, option);
    const uses = listed.some(({ use }) => use === name)
      ? listed
      : [...listed, { use: name, options: {}, enabled: true, option }];
    return { file, option, config: route, keys: routeKeys(route.path, route.match), uses };
  } catch (error) {
    const details = error instanceof ConfigError ? error.problems : [];
    return { code: "invalid-route", file, message: (error as Error).message, details };
  }
}

/**
 * One owner a key. Where two claim it and neither had it before, nobody gets it: either chain could be the wrong one.
 *
 * @param owners those of the table that is in use
 */
export function settleClaims(
  claims: readonly RouteClaim[],
  owners: ReadonlyMap<string, string> | undefined,
): SettledClaims {
  const claimants = claimantsByKey(claims);
  const winnerOf = (key: string): RouteClaim | undefined => {
    const [first, ...others] = claimants.get(key) ?? [];
    if (others.length === 0) return first;
    return claimants.get(key)?.find(({ file }) => file === owners?.get(key));
  };
  const contested = [...claimants].filter(([, { length }]) => length > 1);
  const { winners, problems } = settleNames(
    claims.filter((claim) => claim.keys.every((key) => winnerOf(key) === claim)),
  );
  return {
    winners,
    owners: new Map(winners.flatMap(({ keys, file }) => keys.map((key) => [key, file] as const))),
    problems: [
      ...contested.map(([key, rivals]): RouteProblem => {
        return { code: "contested-path", claimants: rivals.map(placeOf), keeper: winnerOf(key)?.file };
      }),
      ...problems,
    ],
  };
}

/** Of two routes of one name the first stays: a name stands for one route in the log, the metrics and the sessions. */
function settleNames(claims: readonly RouteClaim[]): Pick<SettledClaims, "winners" | "problems"> {
  const byName = new Map<string, RouteClaim>();
  const problems: RouteProblem[] = [];
  for (const claim of claims) {
    const { name } = claim.config;
    const first = byName.get(name);
    if (first === undefined) byName.set(name, claim);
    else problems.push({ code: "namesake", name, ...placeOf(claim), first: placeOf(first) });
  }
  return { winners: [...byName.values()], problems };
}

function listedUses(uses: readonly PolicyUse[], option: string): ClaimedUse[] {
  return uses.map((use, index) => ({ ...use, option: `${option}.policies[${index}]` }));
}

function placeOf({ file, option, config }: RouteClaim): RoutePlace & { readonly path: string } {
  return { file, option, path: config.path };
}
